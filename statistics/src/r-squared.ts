// The share of variance that a regression explains, with its interval.
import { requireOpenProbability, requireSample } from './argument.ts';
import type { Estimate, WithoutInterval } from './interval.ts';
import { correctedCriticals, type Moments, momentsOf, tailBounds, tailFault } from './skewness.ts';

/** What was measured and what was predicted for the same rows, in the same order. */
export type RegressionSample = {
  readonly actual: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  readonly confidence: number;
};

/**
 * Coefficient of determination, 1 - Σ(actual - predicted)² / Σ(actual - mean)²: at most 1, negative for a model worse
 * than the mean. Interval: that of the logarithm of the ratio by the delta method, corrected for skewness.
 * @throws RangeError when all `actual` are equal: nothing is there to explain.
 */
export function rSquaredInterval({ actual, predicted, confidence }: RegressionSample): Estimate | WithoutInterval {
  requireSample('actual', actual, 2);
  requireSample('predicted', predicted, 2);
  requireOpenProbability('confidence', confidence);
  if (predicted.length !== actual.length) {
    throw new RangeError(`predicted must hold ${actual.length} values like actual, not ${predicted.length}`);
  }
  const centre = momentsOf(actual);
  if (centre.deviation === 0) throw new RangeError('actual must hold at least two distinct values');
  const residual = Float64Array.from(actual, (value, row) => (value - (predicted[row] ?? Number.NaN)) ** 2);
  const total = Float64Array.from(actual, (value) => (value - centre.mean) ** 2);
  return ratioInterval(residual, total, confidence);
}

function ratioInterval(residual: Float64Array, total: Float64Array, confidence: number): Estimate | WithoutInterval {
  const [above, below] = [momentsOf(residual), momentsOf(total)];
  const ratio = above.mean / below.mean;
  if (ratio === 0) return { value: 1, noInterval: 'all rows have the same error, which says nothing of others' };
  const fault = tailFault(above, tailBounds.squares) ?? tailFault(below, tailBounds.squares);
  const { rows, deviation, skewness, curvature } = influenceOf(residual, total, { above, below });
  if (fault !== undefined) return { value: 1 - ratio, noInterval: fault };
  if (deviation === 0) return { value: 1 - ratio, lower: 1 - ratio, upper: 1 - ratio };
  const criticals = correctedCriticals({ rows, skewness, curvature }, confidence);
  const standardError = deviation / Math.sqrt(rows);
  return {
    value: 1 - ratio,
    lower: Math.min(1 - ratio, 1 - ratio * Math.exp(-standardError * criticals.low)),
    upper: Math.max(1 - ratio, 1 - ratio * Math.exp(-standardError * criticals.high)),
  };
}

/** What each row adds to the logarithm of the ratio; its covariances with both parts bend the standard error. */
function influenceOf(
  residual: Float64Array,
  total: Float64Array,
  { above, below }: { readonly above: Moments; readonly below: Moments },
) {
  const influence = residual.map((value, row) => value / above.mean - (total[row] ?? 0) / below.mean);
  let covariances = 0;
  for (let row = 0; row < influence.length; row++) {
    const parts = (residual[row] ?? 0) / above.mean + (total[row] ?? 0) / below.mean - 2;
    covariances += ((influence[row] ?? 0) * parts) / influence.length;
  }
  const moments = momentsOf(influence);
  return { ...moments, curvature: moments.deviation === 0 ? 0 : covariances / (2 * moments.deviation) };
}
