// Student's t distribution: its cumulative function and quantiles, by way of the incomplete beta function.
import { requireOpenProbability, requirePositive } from './argument.ts';
import { incompleteBeta, inverseIncompleteBeta } from './incomplete-beta.ts';

/** P(T <= t) with `degrees` > 0 degrees of freedom (Abramowitz & Stegun 26.7.1). */
export function studentTCdf(t: number, degrees: number): number {
  if (Number.isNaN(t)) throw new RangeError('t must be a number, not NaN');
  requirePositive('degrees', degrees);
  if (!Number.isFinite(t)) return t > 0 ? 1 : 0;
  const square = t * t;
  // Two equal forms: the first keeps the digits of a small t, the second those of a small tail.
  const tail =
    square < 4
      ? 0.5 * (1 - incompleteBeta(square / (degrees + square), 0.5, degrees / 2))
      : 0.5 * incompleteBeta(degrees / (degrees + square), degrees / 2, 0.5);
  return t < 0 ? tail : 1 - tail;
}

/** The t with P(T <= t) = p. */
export function studentTQuantile(p: number, degrees: number): number {
  requireOpenProbability('p', p);
  requirePositive('degrees', degrees);
  if (p > 0.5) return -studentTQuantile(1 - p, degrees);
  // t² / (degrees + t²) is small near the centre, its complement in the tail: invert the one that is not near 1.
  if (p > 1e-3) {
    const central = inverseIncompleteBeta(1 - 2 * p, 0.5, degrees / 2);
    return -Math.sqrt((degrees * central) / (1 - central));
  }
  const outer = inverseIncompleteBeta(2 * p, degrees / 2, 0.5);
  return -Math.sqrt((degrees * (1 - outer)) / outer);
}

/** t such that P(|T| <= t) = confidence. */
export function studentTCritical(confidence: number, degrees: number): number {
  requireOpenProbability('confidence', confidence);
  return -studentTQuantile((1 - confidence) / 2, degrees);
}
