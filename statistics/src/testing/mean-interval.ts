// Student's intervals of averages over rows, computed from the rows: what tests compare other ways to them with.
import { requireOpenProbability, requireSample } from '../argument.ts';
import type { Estimate } from '../interval.ts';
import { studentTCritical } from '../student-t.ts';

/**
 * Student's t interval of the mean of at least two `values` (one per row: absolute errors, log losses).
 * Approximate for skewed values; good from some dozens of rows on.
 */
export function meanInterval(values: ArrayLike<number>, confidence: number): Estimate {
  requireSample('values', values, 2);
  requireOpenProbability('confidence', confidence);
  const { mean, standardError } = summarise(values);
  const reach = studentTCritical(confidence, values.length - 1) * standardError;
  return { value: mean, lower: mean - reach, upper: mean + reach };
}

/**
 * Interval of the root mean square of at least two `errors` (predicted - actual). The t interval of the mean square,
 * carried through the root by the delta method: the standard error is divided by 2 · RMSE. Never below 0.
 */
export function rmseInterval(errors: ArrayLike<number>, confidence: number): Estimate {
  requireSample('errors', errors, 2);
  requireOpenProbability('confidence', confidence);
  const { mean, standardError } = summarise(Float64Array.from(errors, (error) => error * error));
  const value = Math.sqrt(mean);
  const rootError = value === 0 ? 0 : standardError / (2 * value);
  const reach = studentTCritical(confidence, errors.length - 1) * rootError;
  return { value, lower: Math.max(0, value - reach), upper: value + reach };
}

/** Two passes: the mean first, so that a large mean does not swallow the variance. */
function summarise(values: ArrayLike<number>): { mean: number; standardError: number } {
  const sample = Float64Array.from(values);
  const count = sample.length;
  const mean = sample.reduce((sum, value) => sum + value, 0) / count;
  const squares = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (count - 1) / count) };
}
