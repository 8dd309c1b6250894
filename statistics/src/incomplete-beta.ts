// The regularised incomplete beta function and its inverse: the tails of the binomial and of Student's t.
import { requirePositive, requireProbability } from './argument.ts';
import { betaKernel } from './beta-kernel.ts';

const tiny = 1e-300;

/**
 * I_x(a, b) for a, b > 0: the chance that a Beta(a, b) variable is at most x.
 * Continued fraction of Numerical Recipes §6.4 (Lentz's method) behind a saddle-point prefactor, so that the
 * relative error stays below 1e-10 also in small tails and for a, b of many thousands.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  requireProbability('x', x);
  requirePositive('a', a);
  requirePositive('b', b);
  if (x === 0 || x === 1) return x;
  const prefactor = betaKernel(x, a, b);
  if (x < (a + 1) / (a + b + 2)) return (prefactor * continuedFraction(x, a, b)) / a;
  return 1 - (prefactor * continuedFraction(1 - x, b, a)) / b;
}

/**
 * The x with I_x(a, b) = p, by Newton steps kept inside a bracket. The bracket always shrinks, so it always ends.
 * For shapes of at least 1, which is all that intervals of proportions need, I of the result is within 1e-9 of p. Below 1
 * the density is unbounded at the ends, and roots next to 1 are only as good as the spacing of doubles there.
 */
export function inverseIncompleteBeta(p: number, a: number, b: number): number {
  requireProbability('p', p);
  requirePositive('a', a);
  requirePositive('b', b);
  if (p === 0 || p === 1) return p;
  let lower = 0;
  let upper = 1;
  let x = a / (a + b);
  while (true) {
    const excess = incompleteBeta(x, a, b) - p;
    if (excess === 0) return x;
    if (excess < 0) lower = x;
    else upper = x;
    const density = betaKernel(x, a, b) / (x * (1 - x));
    const newton = x - excess / density;
    const next = newton > lower && newton < upper ? newton : (lower + upper) / 2;
    if (Math.abs(next - x) <= 1e-15 * x || next === lower || next === upper) return next;
    x = next;
  }
}

/** The fraction of I_x(a, b) = prefactor / a · fraction; it converges in about sqrt(max(a, b)) terms. */
function continuedFraction(x: number, a: number, b: number): number {
  const limit = 1000 + 20 * Math.ceil(Math.sqrt(Math.max(a, b)));
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= limit; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) return fraction;
  }
  throw new RangeError(`a and b are too large for this continued fraction: a = ${a}, b = ${b}`);
}

function awayFromZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
