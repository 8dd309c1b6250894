// Remembers the end of a stream of text.

import { tailOf } from '@sluice/crds/text.ts';

/** Enough for a stack trace, small enough for the termination message. */
const maxLength = 700;

/** Collects text; `text()` gives its last lines. */
export type LastLines = { append(piece: string): void; text(): string };

export function rememberLastLines(): LastLines {
  let kept = '';
  return {
    append(piece) {
      kept = tailOf(kept + piece, maxLength);
    },
    text: () => kept.trim(),
  };
}
