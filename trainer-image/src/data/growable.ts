// Columns of a length that is known only at the end.
import type { Column } from '@sluice/model/columns.ts';
import type { Cell } from './parsing/record.ts';
import type { ValueReader } from './values.ts';

/** Takes values one by one and gives the column. */
export type Growable = { append(cell: Cell): void; finish(): Column };

const firstCapacity = 4096;

/** So many different texts are kept once, however often they stand in the column. */
const maxShared = 4096;

/** Numbers; what is missing becomes NaN. Doubles its capacity, so appending costs constant time on average. */
export function growableNumbers({ numberOf }: ValueReader): Growable {
  let values = new Float64Array(firstCapacity);
  let length = 0;
  return {
    append(cell) {
      if (length === values.length) {
        const larger = new Float64Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      values[length++] = numberOf(cell) ?? Number.NaN;
    },
    finish: () => values.slice(0, length),
  };
}

/** Texts; what is missing becomes null. */
export function growableTexts({ isMissing }: ValueReader): Growable {
  const values: (string | null)[] = [];
  const shared = new Map<string, string>();
  return {
    append(cell) {
      if (cell === null || isMissing(cell)) values.push(null);
      else values.push(share(shared, cell));
    },
    finish: () => values,
  };
}

function share(shared: Map<string, string>, text: string): string {
  const known = shared.get(text);
  if (known !== undefined) return known;
  if (shared.size < maxShared) shared.set(text, text);
  return text;
}
