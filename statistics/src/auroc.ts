// How well a score separates two classes: the area under the ROC curve with its interval.
import { requireOpenProbability, requireSample } from './argument.ts';
import type { Estimate } from './interval.ts';
import { normalCritical } from './normal.ts';

/** `variance` is DeLong's estimate of the variance of `value`; NaN with fewer than two rows in a class. */
export type Auroc = Estimate & { readonly variance: number };

/**
 * Area under the ROC curve from the scores of the positive and of the negative rows: the chance that a positive row
 * scores higher, ties counting one half (Mann & Whitney 1947).
 * Interval: DeLong, DeLong & Clarke-Pearson (1988), cut to [0, 1]. Where that variance is 0 or undefined (perfect
 * separation, one row in a class) it would claim certainty; there Newcombe's score interval stands in.
 */
export function aurocInterval(positives: ArrayLike<number>, negatives: ArrayLike<number>, confidence: number): Auroc {
  requireSample('positives', positives, 1);
  requireSample('negatives', negatives, 1);
  requireOpenProbability('confidence', confidence);
  const won = placements(positives, negatives);
  const value = mean(won);
  const variance = meanVariance(won) + meanVariance(placements(negatives, positives));
  if (!(variance > 0)) {
    const sizes = { positives: positives.length, negatives: negatives.length };
    return { value, variance, ...scoreInterval(value, sizes, confidence) };
  }
  const reach = normalCritical(confidence) * Math.sqrt(variance);
  return { value, variance, lower: Math.max(0, value - reach), upper: Math.min(1, value + reach) };
}

/** For each of `scores`, the share of `others` that lie below it, ties counting one half. */
function placements(scores: ArrayLike<number>, others: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(others).sort();
  return Float64Array.from(scores, (score) => {
    const below = countWhile(sorted, (other) => other < score);
    const notAbove = countWhile(sorted, (other) => other <= score);
    return (below + notAbove) / 2 / sorted.length;
  });
}

/** Length of the leading part of `sorted` that satisfies a condition true only of a leading part. */
function countWhile(sorted: Float64Array, condition: (value: number) => boolean): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (condition(sorted[middle] ?? Number.NaN)) from = middle + 1;
    else to = middle;
  }
  return from;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Variance of the mean of `values`; NaN for a single one. */
function meanVariance(values: Float64Array): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return squares / (values.length - 1) / values.length;
}

export type Sizes = { readonly positives: number; readonly negatives: number };

/**
 * The interval to take where one class has few rows, for which DeLong's holds in 75 to 90 % of cases instead of 95 %: its
 * variance is estimated from those few. `npm run decide -- intervals` shows it.
 */
export function aurocFewRowsInterval({ value }: Auroc, sizes: Sizes, confidence: number): Estimate {
  return { value, ...scoreInterval(value, sizes, confidence) };
}

/** Method 5 of Newcombe (2006), "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2". */
function scoreInterval(value: number, sizes: Sizes, confidence: number): { lower: number; upper: number } {
  const z = normalCritical(confidence);
  return { lower: scoreLimit(value, sizes, z), upper: 1 - scoreLimit(1 - value, sizes, z) };
}

/** The area θ below `value` with value - θ = z · sqrt(V(θ)), by bisection. */
function scoreLimit(value: number, { positives, negatives }: Sizes, z: number): number {
  const spare = (positives + negatives) / 2 - 1;
  let lower = 0;
  let upper = value;
  for (let step = 0; step < 100; step++) {
    const area = (lower + upper) / 2;
    const spread = 1 + spare * ((1 - area) / (2 - area) + area / (1 + area));
    const variance = (area * (1 - area) * spread) / (positives * negatives);
    if (value - area > z * Math.sqrt(variance)) lower = area;
    else upper = area;
  }
  return lower;
}
