// Draws how many of many trials succeed, at a cost that does not grow with the trials.
import { requireProbability, requireWhole } from './argument.ts';
import { binomialMass } from './binomial.ts';
import { type Random, uniform } from './random.ts';

/**
 * One draw from Binomial(trials, probability) by inversion, walking outwards from the mode: about
 * sqrt(trials · p · (1 - p)) steps.
 */
export function drawBinomial(random: Random, trials: number, probability: number): number {
  requireWhole('trials', trials, 0);
  requireProbability('probability', probability);
  if (probability > 0.5) return trials - drawBinomial(random, trials, 1 - probability);
  const odds = probability / (1 - probability);
  const mode = Math.floor((trials + 1) * probability);
  let above = { k: mode, mass: binomialMass(mode, trials, probability) };
  let below = above;
  let rest = uniform(random) - above.mass;
  while (rest >= 0 && above.mass + below.mass > 0) {
    above = { k: above.k + 1, mass: (above.mass * odds * (trials - above.k)) / (above.k + 1) };
    rest -= above.mass;
    if (rest < 0) return above.k;
    if (below.k < 0) continue;
    below = { k: below.k - 1, mass: (below.mass * below.k) / (odds * (trials - below.k + 1)) };
    rest -= below.mass;
    if (rest < 0) return below.k;
  }
  return mode;
}
