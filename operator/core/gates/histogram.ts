// A histogram as it is kept in a status: a short text, since most buckets are empty, and a status has dozens of them.
import { maxBucketDigits, maxLatencyBuckets } from '@sluice/crds/v1alpha1/rollout-status.ts';

/** The shortest that digits and letters can write. */
const radix = 36;
/** A bucket counts no further. */
const most = radix ** maxBucketDigits - 1;

/** @param counts per bucket, whole numbers. @returns `<first bucket>:<count> <count> …` with counts in base 36, or nothing. */
export function packHistogram(counts: readonly number[]): string {
  const first = counts.findIndex((count) => count > 0);
  if (first === -1) return '';
  const last = counts.findLastIndex((count) => count > 0);
  const written = counts.slice(first, last + 1).map((count) => Math.min(most, count).toString(radix));
  return `${first}:${written.join(' ')}`;
}

/**
 * The counts again, without zeros at the end. A status may hold anything that its schema allows: what lies beyond the last
 * bucket is left out, and what is no histogram holds nothing.
 */
export function unpackHistogram(text: string): number[] {
  const colon = text.indexOf(':');
  const first = Number(text.slice(0, Math.max(0, colon)));
  if (colon === -1 || !Number.isInteger(first) || first < 0 || first >= maxLatencyBuckets) return [];
  const counts = text.slice(colon + 1).split(' ', maxLatencyBuckets - first);
  return [...Array(first).fill(0), ...counts.map((count) => Math.min(most, Number.parseInt(count, radix) || 0))];
}

/** `first` + `weight` · `second`, bucket by bucket; a missing bucket holds nothing. */
export function addHistogram(first: readonly number[], second: readonly number[], weight = 1): number[] {
  const sum = first.slice();
  for (let bucket = 0; bucket < second.length; bucket++) {
    sum[bucket] = (sum[bucket] ?? 0) + weight * (second[bucket] ?? 0);
  }
  return sum;
}
