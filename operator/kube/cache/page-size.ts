// Decides how many objects to ask for at once: parsing a page holds the event loop, and large objects hold it for longer.

/** What the first page of a list asks for, when nothing is known of the objects yet. */
export const FIRST_PAGE = 100;

/** client-go's page. */
export const LARGEST_PAGE = 500;

/** About 10 ms of parsing. */
const PAGE_CHARACTERS = 1_500_000;

/** What a page had. */
export interface SeenPage {
  readonly objects: number;
  /** Length of its JSON. */
  readonly characters: number;
}

/** The number of objects to ask for after a page like this one: 1 to `largest`. */
export function nextPageSize({ objects, characters }: SeenPage, largest = LARGEST_PAGE): number {
  const perObject = characters / Math.max(1, objects);
  return Math.max(1, Math.min(largest, Math.floor(PAGE_CHARACTERS / Math.max(1, perObject))));
}
