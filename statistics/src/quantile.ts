// Quantiles of a sample or of a histogram, with intervals that assume nothing about the distribution.
import { requireOpenProbability, requireProbability, requireSample, requireWhole } from './argument.ts';
import { binomialQuantile } from './binomial.ts';
import type { Estimate } from './interval.ts';

/** Cumulative counts as Envoy and Prometheus report them. */
export type Histogram = {
  /** Lower edge of the first bucket: 0 for latencies. */
  readonly start: number;
  /** Upper edges, rising; the last one may be Infinity. */
  readonly upperBounds: readonly number[];
  /** Observations at or below each upper edge; the last one counts all. */
  readonly cumulativeCounts: readonly number[];
};

/** Quantile of at least one finite value by linear interpolation: type 7 of Hyndman & Fan (1996), numpy's default. */
export function sampleQuantile(values: ArrayLike<number>, probability: number): number {
  requireSample('values', values, 1);
  requireProbability('probability', probability);
  return sortedQuantile(Float64Array.from(values).sort(), probability);
}

/** The same of values that already rise; not checked. */
export function sortedQuantile(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1);
  const index = Math.floor(position);
  const below = sorted[index] ?? Number.NaN;
  const above = sorted[index + 1] ?? below;
  return below + (position - index) * (above - below);
}

/**
 * Quantile with the interval between two order statistics (exact binomial; Conover 1999, §3.2). An end that so few
 * values cannot bound is infinite.
 */
export function sampleQuantileInterval(values: ArrayLike<number>, probability: number, confidence: number): Estimate {
  requireSample('values', values, 1);
  const ranks = orderRanks(values.length, probability, confidence);
  const sorted = Float64Array.from(values).sort();
  const value = sortedQuantile(sorted, probability);
  return {
    value,
    lower: Math.min(value, sorted[ranks.lower - 1] ?? -Infinity),
    upper: Math.max(value, sorted[ranks.upper - 1] ?? Infinity),
  };
}

/**
 * Quantile of a histogram, interpolated within its bucket (in the last, unbounded bucket: its lower edge). The interval
 * reaches to the outer edges of the buckets that hold the two order statistics, so it is as coarse as the buckets.
 */
export function histogramQuantileInterval(histogram: Histogram, probability: number, confidence: number): Estimate {
  requireHistogram(histogram);
  const total = histogram.cumulativeCounts.at(-1) ?? 0;
  const ranks = orderRanks(total, probability, confidence);
  const value = interpolate(histogram, probability * total);
  return {
    value,
    lower: Math.min(value, ranks.lower === 0 ? histogram.start : bucketOf(histogram, ranks.lower).from),
    upper: Math.max(value, ranks.upper > total ? Infinity : bucketOf(histogram, ranks.upper).to),
  };
}

/** Ranks (1…count) of the bounding order statistics; 0 and count + 1 where there is none. */
function orderRanks(count: number, probability: number, confidence: number): { lower: number; upper: number } {
  requireOpenProbability('probability', probability);
  requireOpenProbability('confidence', confidence);
  const tail = (1 - confidence) / 2;
  // From above, the same question mirrored: at most `tail` of the chance may lie at or beyond the upper rank.
  return {
    lower: binomialQuantile(tail, count, probability),
    upper: count + 1 - binomialQuantile(tail, count, 1 - probability),
  };
}

type Bucket = { readonly from: number; readonly to: number; readonly before: number; readonly count: number };

/** The bucket that holds the observation of this rank, which may be fractional. */
function bucketOf({ start, upperBounds, cumulativeCounts }: Histogram, rank: number): Bucket {
  const index = cumulativeCounts.findIndex((count) => count > 0 && count >= rank);
  const before = cumulativeCounts[index - 1] ?? 0;
  const count = (cumulativeCounts[index] ?? 0) - before;
  return { from: upperBounds[index - 1] ?? start, to: upperBounds[index] ?? Infinity, before, count };
}

function interpolate(histogram: Histogram, rank: number): number {
  const { from, to, before, count } = bucketOf(histogram, rank);
  return to === Infinity ? from : from + ((to - from) * (rank - before)) / count;
}

function requireHistogram({ start, upperBounds, cumulativeCounts }: Histogram): void {
  if (!Number.isFinite(start)) throw new RangeError(`start must be a finite number, not ${start}`);
  if (upperBounds.length !== cumulativeCounts.length) {
    throw new RangeError(`cumulativeCounts must hold ${upperBounds.length} counts, one per upper bound`);
  }
  requireWhole('the last of cumulativeCounts', cumulativeCounts.at(-1) ?? 0, 1);
  upperBounds.forEach((bound, index) => {
    const previous = upperBounds[index - 1] ?? start;
    if (!(bound > previous)) throw new RangeError(`upperBounds[${index}] must be above ${previous}, not ${bound}`);
    requireWhole(`cumulativeCounts[${index}]`, cumulativeCounts[index] ?? -1, cumulativeCounts[index - 1] ?? 0);
  });
}
