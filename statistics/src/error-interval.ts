// Intervals of mean errors, which are positive and often skewed: MAE, log loss, RMSE.
import { requireOpenProbability, requireSample } from './argument.ts';
import type { Estimate, WithoutInterval } from './interval.ts';
import { correctedCriticals, momentsOf, tailBounds, tailFault } from './skewness.ts';

/**
 * Interval of the mean of at least two `errors` >= 0 (one per row: absolute errors, log losses): that of its logarithm by
 * the delta method, corrected for skewness, so that it never reaches below 0.
 */
export function meanErrorInterval(errors: ArrayLike<number>, confidence: number): Estimate | WithoutInterval {
  return positiveMean(errors, confidence, tailBounds.errors);
}

function positiveMean(errors: ArrayLike<number>, confidence: number, bound: number): Estimate | WithoutInterval {
  requireSample('errors', errors, 2);
  requireOpenProbability('confidence', confidence);
  const moments = momentsOf(errors);
  const { rows, mean, deviation, skewness } = moments;
  const fault =
    deviation === 0 ? 'all rows have the same error, which says nothing of others' : tailFault(moments, bound);
  if (fault !== undefined) return { value: mean, noInterval: fault };
  const variation = deviation / mean;
  const criticals = correctedCriticals({ rows, skewness, curvature: variation / 2 }, confidence);
  const standardError = variation / Math.sqrt(rows);
  return {
    value: mean,
    lower: Math.min(mean, mean * Math.exp(-standardError * criticals.high)),
    upper: Math.max(mean, mean * Math.exp(-standardError * criticals.low)),
  };
}

/** The same for the root mean square of at least two `errors` (predicted - actual). */
export function rootMeanSquareInterval(errors: ArrayLike<number>, confidence: number): Estimate | WithoutInterval {
  requireSample('errors', errors, 2);
  const squares = Float64Array.from(errors, (error) => error * error);
  const square = positiveMean(squares, confidence, tailBounds.squares);
  const value = Math.sqrt(square.value);
  if ('noInterval' in square) return { value, noInterval: square.noInterval };
  return { value, lower: Math.sqrt(square.lower), upper: Math.sqrt(square.upper) };
}
