// The logarithm of the gamma function, and how far Stirling's formula misses it.
import { requirePositive } from './argument.ts';

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/** B(2k) / (2k (2k - 1)), k = 1…8: the asymptotic series of Abramowitz & Stegun 6.1.41. */
const stirlingSeries = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360_360,
  1 / 156,
  -3617 / 122_400,
] as const;

/** From here on the eight terms above are exact to the last digit of a double. */
const seriesStart = 12;

/**
 * log Γ(x) for x > 0, by Stirling's series after shifting x upwards with Γ(x + 1) = x Γ(x).
 * Absolute error about 1e-14 · max(1, log Γ(x)); near the zeros at 1 and 2 it is not relative.
 */
export function logGamma(x: number): number {
  requirePositive('x', x);
  let shifted = x;
  let product = 1;
  while (shifted < seriesStart) {
    product *= shifted;
    shifted += 1;
  }
  return (shifted - 0.5) * Math.log(shifted) - shifted + halfLogTwoPi + seriesTail(shifted) - Math.log(product);
}

/**
 * log Γ(x + 1) - [(x + ½) log x - x + ½ log 2π] for x > 0: the error of Stirling's formula (Loader 2000).
 * Free of cancellation for large x, where differences of `logGamma` are not.
 */
export function stirlingError(x: number): number {
  if (x >= seriesStart) return seriesTail(x);
  return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - halfLogTwoPi;
}

function seriesTail(x: number): number {
  const inverseSquare = 1 / (x * x);
  return stirlingSeries.reduceRight((sum, coefficient) => sum * inverseSquare + coefficient, 0) / x;
}
