// Draws counts that resampling rows would give, at a cost that grows with the cells and not with the rows.
import { requireProbability, requireSample, requireWhole } from './argument.ts';
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

/**
 * Counts of a resample, with replacement, of as many rows as `counts` holds in all, written to `into` (same length):
 * multinomial with shares counts / total, by conditional binomials.
 */
export function resampleCounts(random: Random, counts: ArrayLike<number>, into: Float64Array): void {
  requireSample('counts', counts, 1);
  let rowsLeft = totalOf(counts);
  let countLeft = rowsLeft;
  for (let cell = 0; cell < counts.length; cell++) {
    const count = counts[cell] ?? 0;
    const drawn = count === 0 ? 0 : drawBinomial(random, rowsLeft, count / countLeft);
    into[cell] = drawn;
    rowsLeft -= drawn;
    countLeft -= count;
  }
}

function totalOf(counts: ArrayLike<number>): number {
  let total = 0;
  for (let cell = 0; cell < counts.length; cell++) {
    const count = counts[cell] ?? 0;
    requireWhole(`counts[${cell}]`, count, 0);
    total += count;
  }
  return total;
}
