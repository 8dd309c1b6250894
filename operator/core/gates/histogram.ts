// A histogram as it is kept in a status: a short text, since most buckets are empty, and a status has dozens of them.

/** The shortest that digits and letters can write. */
const radix = 36;

/** @param counts per bucket, whole numbers. @returns `<first bucket>:<count> <count> …` with counts in base 36, or nothing. */
export function packHistogram(counts: readonly number[]): string {
  const first = counts.findIndex((count) => count > 0);
  if (first === -1) return '';
  const last = counts.findLastIndex((count) => count > 0);
  const written = counts.slice(first, last + 1).map((count) => count.toString(radix));
  return `${first}:${written.join(' ')}`;
}

/** The counts again, without zeros at the end. */
export function unpackHistogram(text: string): number[] {
  const colon = text.indexOf(':');
  if (colon === -1) return [];
  const counts: number[] = [];
  for (let bucket = Number(text.slice(0, colon)); bucket > 0; bucket--) counts.push(0);
  for (const count of text.slice(colon + 1).split(' ')) counts.push(Number.parseInt(count, radix));
  return counts;
}

/** `first` + `weight` · `second`, bucket by bucket; a missing bucket holds nothing. */
export function addHistogram(first: readonly number[], second: readonly number[], weight = 1): number[] {
  const sum = first.slice();
  for (let bucket = 0; bucket < second.length; bucket++) {
    sum[bucket] = (sum[bucket] ?? 0) + weight * (second[bucket] ?? 0);
  }
  return sum;
}
