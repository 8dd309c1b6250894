// The exact interval of one proportion: wider than Wilson's, never below the stated confidence.
import { requireOpenProbability, requireProportion } from './argument.ts';
import { inverseIncompleteBeta } from './incomplete-beta.ts';
import type { Estimate } from './interval.ts';

/**
 * Clopper & Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of the binomial": every
 * share that a binomial test at (1 - confidence) / 2 on either side would not reject.
 */
export function clopperPearsonInterval(successes: number, trials: number, confidence: number): Estimate {
  requireProportion(successes, trials);
  requireOpenProbability('confidence', confidence);
  const tail = (1 - confidence) / 2;
  const failures = trials - successes;
  return {
    value: successes / trials,
    lower: successes === 0 ? 0 : inverseIncompleteBeta(tail, successes, failures + 1),
    upper: failures === 0 ? 1 : 1 - inverseIncompleteBeta(tail, failures, successes + 1),
  };
}
