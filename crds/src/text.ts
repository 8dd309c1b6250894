// The one place that makes text from outside fit to be written: to a status, an event, a termination message, an answer.
// Whoever reads it may do so on a terminal, and whoever stores it may refuse what is no Unicode.

const esc = String.fromCharCode(27);
const bell = String.fromCharCode(7);
const csi = String.fromCharCode(0x9b);

/** What steers a terminal: colours, cursor moves, window titles. */
const terminalSequences = new RegExp(
  `(?:${esc}\\[|${csi})[0-?]*[ -/]*[@-~]?|${esc}\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)?|${esc}[ -/]*[0-~]?`,
  'g',
);

/** Spaces and all that has no glyph of its own, but for the joiners that scripts and emoji need. */
const unprintable = /(?:(?![\u200c\u200d])[\p{C}\s])+/gu;

const justPrintable = /^[!-~]*(?: [!-~]+)*$/;

/** One printable line: sequences for terminals are left out, control characters and line breaks become one space. */
export function printable(text: string): string {
  if (justPrintable.test(text)) return text;
  return text.toWellFormed().replace(terminalSequences, '').replace(unprintable, ' ').trim();
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** A character of more code units than this is cut between its code points. */
const longestCharacter = 32;

/** The greatest index up to `most` that is between two characters as people see them. */
function boundaryBefore(text: string, most: number): number {
  if (most >= text.length) return text.length;
  const from = Math.max(0, most - 2 * longestCharacter);
  const index = from + (characters.segment(text.slice(from, most + 2)).containing(most - from)?.index ?? 0);
  if (most - index < longestCharacter && index > 0) return index;
  return isLowSurrogate(text, most) ? most - 1 : most;
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** At most `limit` UTF-16 units from the beginning, whole characters only. */
export const headOf = (text: string, limit: number): string => text.slice(0, boundaryBefore(text, Math.max(0, limit)));

/** At most `limit` UTF-16 units from the end, whole code points only. */
export function tailOf(text: string, limit: number): string {
  const from = Math.max(0, text.length - limit);
  return text.slice(isLowSurrogate(text, from) && from > 0 ? from + 1 : from);
}

/** Text of at most `limit` UTF-16 units (the apiserver counts no more): what is left out at its end is an ellipsis. */
export const cutEnd = (text: string, limit: number): string =>
  text.length <= limit ? text : `${headOf(text, limit - 1)}…`;

/** The same, but what is left out is the beginning. */
export const cutStart = (text: string, limit: number): string =>
  text.length <= limit ? text : `…${tailOf(text, limit - 1)}`;
