// Decides the order of columns and classes: p2 before p10, and the same on every machine (no locale).

/** A number as people write it in text, e.g. `-1.5e3`; surrounding space is allowed. */
const numberPattern = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;

/** The finite number that a text spells in decimal, else undefined. */
export function parseNumber(text: string): number | undefined {
  const few = fewDigits(text);
  if (few !== undefined) return few;
  if (!numberPattern.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The same for up to nine digits and nothing else, as most cells of a wide table are: without a pattern it is faster. */
function fewDigits(text: string): number | undefined {
  if (text.length === 0 || text.length > 9) return undefined;
  let value = 0;
  for (let place = 0; place < text.length; place++) {
    const digit = text.charCodeAt(place) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Orders texts: numbers by value and before all other text; other text piece by piece, runs of digits by value.
 * Equal ones are ordered by code unit, so that only identical texts compare as 0.
 */
export function compareNaturally(a: string, b: string): number {
  const [numberA, numberB] = [parseNumber(a), parseNumber(b)];
  if (numberA !== undefined && numberB !== undefined) return numberA - numberB || compareCodeUnits(a, b);
  if (numberA !== undefined) return -1;
  if (numberB !== undefined) return 1;
  return comparePieces(a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []) || compareCodeUnits(a, b);
}

function comparePieces(a: readonly string[], b: readonly string[]): number {
  for (const [index, pieceA] of a.entries()) {
    const pieceB = b[index];
    if (pieceB === undefined) return 1;
    const order = comparePiece(pieceA, pieceB);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function comparePiece(a: string, b: string): number {
  const [digitsA, digitsB] = [/^\d/.test(a), /^\d/.test(b)];
  if (digitsA !== digitsB) return digitsA ? -1 : 1;
  return digitsA ? Math.sign(Number(a) - Number(b)) || 0 : compareCodeUnits(a, b);
}

/** Orders texts by UTF-16 code unit. */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
