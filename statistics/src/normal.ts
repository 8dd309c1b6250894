// The standard normal distribution: its cumulative function and quantiles.
import { requireOpenProbability } from './argument.ts';

const inverseRootTwoPi = 1 / Math.sqrt(2 * Math.PI);

/** P(Z <= z). Relative error about 1e-14, also deep in the lower tail. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) throw new RangeError('z must be a number, not NaN');
  const tail = upperTail(Math.abs(z));
  return z < 0 ? tail : 1 - tail;
}

/**
 * The z with P(Z <= z) = p. Starts from Abramowitz & Stegun 26.2.23 (error below 4.5e-4) and polishes with Halley's
 * method, which triples the digits at every step.
 */
export function normalQuantile(p: number): number {
  requireOpenProbability('p', p);
  if (p > 0.5) return -normalQuantile(1 - p);
  let z = firstGuess(p);
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(z) - p) / normalDensity(z);
    z -= error / (1 + (z * error) / 2);
  }
  return z;
}

/** z such that P(|Z| <= z) = confidence: the half-width, in standard errors, of a two-sided interval. */
export function normalCritical(confidence: number): number {
  requireOpenProbability('confidence', confidence);
  return -normalQuantile((1 - confidence) / 2);
}

function normalDensity(z: number): number {
  return inverseRootTwoPi * Math.exp((-z * z) / 2);
}

/** P(Z > z) for z >= 0: Marsaglia's series (2004) near the centre, Laplace's continued fraction beyond. */
function upperTail(z: number): number {
  if (z === Infinity) return 0;
  return z < 2 ? 0.5 - normalDensity(z) * centralSeries(z) : normalDensity(z) / laplaceFraction(z);
}

/** z + z³/3 + z⁵/(3·5) + … */
function centralSeries(z: number): number {
  let sum = z;
  let term = z;
  for (let odd = 3; ; odd += 2) {
    term *= (z * z) / odd;
    const next = sum + term;
    if (next === sum) return sum;
    sum = next;
  }
}

/** z + 1/(z + 2/(z + 3/(z + …))), evaluated from the inside; 150 levels suffice from z = 2 on. */
function laplaceFraction(z: number): number {
  let fraction = z;
  for (let level = 150; level >= 1; level--) fraction = z + level / fraction;
  return fraction;
}

function firstGuess(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return numerator / denominator - t;
}
