// Mass, tails and quantiles of the binomial distribution.
import { requireOpenProbability, requireProbability, requireWhole } from './argument.ts';
import { betaKernel } from './beta-kernel.ts';
import { incompleteBeta } from './incomplete-beta.ts';

/** P(X = k) for X ~ Binomial(trials, probability). */
export function binomialMass(k: number, trials: number, probability: number): number {
  requireDistribution(k, trials, probability);
  if (k < 0 || k > trials) return 0;
  if (probability === 0 || probability === 1) return k === trials * probability ? 1 : 0;
  if (k === 0) return Math.exp(trials * Math.log1p(-probability));
  if (k === trials) return probability ** trials;
  return (betaKernel(probability, k, trials - k) / k) * (trials / (trials - k));
}

/** P(X <= k) for X ~ Binomial(trials, probability): Abramowitz & Stegun 26.5.24. */
export function binomialLowerTail(k: number, trials: number, probability: number): number {
  requireDistribution(k, trials, probability);
  if (k < 0) return 0;
  if (k >= trials) return 1;
  return incompleteBeta(1 - probability, trials - k, k + 1);
}

/** P(X >= k) for X ~ Binomial(trials, probability). */
export function binomialUpperTail(k: number, trials: number, probability: number): number {
  requireDistribution(k, trials, probability);
  if (k <= 0) return 1;
  if (k > trials) return 0;
  return incompleteBeta(probability, k, trials - k + 1);
}

/** The smallest k with P(X <= k) > level, 0 < level < 1: what an exact test at that level may not reject. */
export function binomialQuantile(level: number, trials: number, probability: number): number {
  requireOpenProbability('level', level);
  requireDistribution(0, trials, probability);
  let below = -1;
  let reached = trials;
  while (reached - below > 1) {
    const middle = Math.floor((below + reached) / 2);
    if (binomialLowerTail(middle, trials, probability) > level) reached = middle;
    else below = middle;
  }
  return reached;
}

function requireDistribution(k: number, trials: number, probability: number): void {
  requireWhole('trials', trials, 0);
  if (!Number.isSafeInteger(k)) throw new RangeError(`k must be a whole number, not ${k}`);
  requireProbability('probability', probability);
}
