// The interval of a difference between two independent proportions: candidate's error rate minus stable's.
import type { Estimate, Proportion } from './interval.ts';
import { wilsonInterval } from './wilson.ts';

/**
 * Interval of `first` - `second`, in [-1, 1]: the hybrid score interval without continuity correction, method 10 of
 * Newcombe (1998), "Interval estimation for the difference between independent proportions".
 */
export function newcombeInterval(first: Proportion, second: Proportion, confidence: number): Estimate {
  const one = wilsonInterval(first.successes, first.trials, confidence);
  const two = wilsonInterval(second.successes, second.trials, confidence);
  const value = one.value - two.value;
  return {
    value,
    lower: Math.max(-1, value - Math.hypot(one.value - one.lower, two.upper - two.value)),
    upper: Math.min(1, value + Math.hypot(one.upper - one.value, two.value - two.lower)),
  };
}
