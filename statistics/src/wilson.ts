// The score interval of one proportion: accuracy, error rate, recall.
import { requireProportion } from './argument.ts';
import type { Estimate } from './interval.ts';
import { normalCritical } from './normal.ts';

/**
 * Wilson's score interval (Wilson 1927; Newcombe 1998 I, method 3; no continuity correction) of `successes` out of
 * `trials` >= 1. Never leaves [0, 1] and never has width 0, also when every trial succeeds.
 */
export function wilsonInterval(successes: number, trials: number, confidence: number): Estimate {
  requireProportion(successes, trials);
  const z = normalCritical(confidence);
  const value = successes / trials;
  const centre = successes + (z * z) / 2;
  const reach = z * Math.sqrt(successes * (1 - value) + (z * z) / 4);
  const weight = trials + z * z;
  // At the extremes the formula gives exactly 0 and 1; rounding must not move them past the estimate.
  const lower = successes === 0 ? 0 : Math.min(value, (centre - reach) / weight);
  const upper = successes === trials ? 1 : Math.max(value, (centre + reach) / weight);
  return { value, lower, upper };
}
