// The share of variance that a regression explains, with a bootstrap interval.
import { requireSample } from './argument.ts';
import { bootstrapRows, type Resampling } from './bootstrap.ts';
import type { Estimate } from './interval.ts';

/** What was measured and what was predicted for the same rows, in the same order. */
export type RegressionSample = Resampling & {
  readonly actual: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
};

/**
 * Coefficient of determination, 1 - Σ(actual - predicted)² / Σ(actual - mean)²: at most 1, negative for a model worse
 * than the mean. Resamples in which all `actual` are equal are left out.
 * @throws RangeError when all `actual` are equal: nothing is there to explain.
 */
export function rSquaredInterval({ actual, predicted, ...resampling }: RegressionSample): Estimate {
  requireSample('actual', actual, 2);
  requireSample('predicted', predicted, 2);
  if (predicted.length !== actual.length) {
    throw new RangeError(`predicted must hold ${actual.length} values like actual, not ${predicted.length}`);
  }
  const target = Float64Array.from(actual);
  if (target.every((value) => value === target[0]))
    throw new RangeError('actual must hold at least two distinct values');
  const answer = Float64Array.from(predicted);
  const statistic = (rows: Int32Array) => rSquared(rows, target, answer);
  return bootstrapRows({ rows: target.length, statistic, ...resampling });
}

function rSquared(rows: Int32Array, actual: Float64Array, predicted: Float64Array): number {
  let sum = 0;
  for (const row of rows) sum += actual[row] ?? Number.NaN;
  const mean = sum / rows.length;
  let residual = 0;
  let total = 0;
  for (const row of rows) {
    const target = actual[row] ?? Number.NaN;
    residual += (target - (predicted[row] ?? Number.NaN)) ** 2;
    total += (target - mean) ** 2;
  }
  return total === 0 ? Number.NaN : 1 - residual / total;
}
