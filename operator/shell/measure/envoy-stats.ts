// Reads the lines of Envoy's `/stats`, `<name>: <value>` with dots in the name, in one pass. Whoever answers may write
// anything there: no line costs more than its length, and no number becomes one that cannot be counted with.

/** A line; the parts of its name lie between dots. */
export type Statistic = { readonly parts: readonly string[]; readonly value: string };

/** The longest name that is read here is `http.<name>.rds.<name>.version_text`. */
const longestName = 256;

/** The lines that are statistics; everything else is left out. */
export function* statisticsOf(text: string): Generator<Statistic> {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const line = text.slice(start, newline === -1 ? text.length : newline);
    start += line.length + 1;
    const colon = line.indexOf(': ');
    if (colon > 0 && colon <= longestName) {
      yield { parts: line.slice(0, colon).split('.'), value: line.slice(colon + 2) };
    }
  }
}

/** @returns undefined for a value that is no whole number, NaN for digits that are more than can be counted. */
export function countIn(value: string): number | undefined {
  if (!/^\d+$/.test(value)) return undefined;
  const count = value.length > String(Number.MAX_SAFE_INTEGER).length ? Number.NaN : Number(value);
  return Number.isSafeInteger(count) ? count : Number.NaN;
}
