// The factor that binomial probabilities and the incomplete beta function share, without cancellation for large counts.
import { stirlingError } from './log-gamma.ts';

/**
 * x^a (1 - x)^b / B(a, b) for 0 < x < 1 and a, b > 0: the saddle-point form of Loader (2000), "Fast and accurate
 * computation of binomial probabilities". Relative error about 1e-13, where differences of log Γ would lose digits.
 */
export function betaKernel(x: number, a: number, b: number): number {
  const n = a + b;
  const correction = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const exponent = correction - deviance(a, n * x) - deviance(b, n * (1 - x));
  return Math.exp(exponent) * Math.sqrt(((a / n) * b) / (2 * Math.PI));
}

/** k log(k / mean) + mean - k, by a series near k = mean (Loader's bd0). */
function deviance(k: number, mean: number): number {
  const difference = k - mean;
  if (Math.abs(difference) >= 0.1 * (k + mean)) return k * Math.log(k / mean) + mean - k;
  const ratio = difference / (k + mean);
  let sum = difference * ratio;
  let term = 2 * k * ratio;
  for (let odd = 3; ; odd += 2) {
    term *= ratio * ratio;
    const next = sum + term / odd;
    if (next === sum) return sum;
    sum = next;
  }
}
