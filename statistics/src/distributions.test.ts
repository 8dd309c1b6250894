// The special functions against scipy's and mpmath's figures.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import figures from '../oracle/figures.json' with { type: 'json' };
import { binomialLowerTail, binomialMass, binomialQuantile, binomialUpperTail } from './binomial.ts';
import { incompleteBeta, inverseIncompleteBeta } from './incomplete-beta.ts';
import { logGamma } from './log-gamma.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { studentTCdf, studentTQuantile } from './student-t.ts';

/** Relative difference from the oracle's figure. */
function relativeError(actual: number, expected: number): number {
  return expected === 0 ? Math.abs(actual) : Math.abs(actual / expected - 1);
}

describe('special functions agree with scipy', () => {
  test.each(figures.logGamma)('log gamma of $x', ({ x, value }) => {
    expect(relativeError(logGamma(x), value)).toBeLessThan(1e-12);
  });
  test.each(figures.incompleteBeta)('incomplete beta of $x for $a, $b', ({ x, a, b, value }) => {
    expect(relativeError(incompleteBeta(x, a, b), value)).toBeLessThan(1e-10);
    expect(relativeError(inverseIncompleteBeta(value, a, b), x)).toBeLessThan(1e-10);
  });
  test.each(figures.normal.cdf)('normal cdf of $z', ({ z, value }) => {
    expect(relativeError(normalCdf(z), value)).toBeLessThan(1e-12);
  });
  test.each(figures.normal.quantile)('normal quantile of $p', ({ p, value }) => {
    expect(Math.abs(normalQuantile(p) - value)).toBeLessThan(1e-12 * Math.max(1, Math.abs(value)));
  });
  test.each(figures.studentT.cdf)('t cdf of $t with $degrees degrees of freedom', ({ t, degrees, value }) => {
    expect(relativeError(studentTCdf(t, degrees), value)).toBeLessThan(1e-10);
  });
  test.each(figures.studentT.quantile)('t quantile of $p with $degrees degrees', ({ p, degrees, value }) => {
    expect(relativeError(studentTQuantile(p, degrees), value)).toBeLessThan(1e-10);
  });
  test.each(figures.binomial)('binomial of $k in $trials at $probability', (figure) => {
    const { k, trials, probability, level } = figure;
    expect(relativeError(binomialMass(k, trials, probability), figure.mass)).toBeLessThan(1e-10);
    expect(relativeError(binomialLowerTail(k, trials, probability), figure.lower)).toBeLessThan(1e-10);
    expect(relativeError(binomialUpperTail(k, trials, probability), figure.upper)).toBeLessThan(1e-10);
    expect(binomialQuantile(level, trials, probability)).toBe(k);
  });
});

test('the inverse of the incomplete beta function undoes it for shapes of at least 1', () => {
  const shape = fc.double({ min: 1, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), shape, shape, (p, a, b) => {
      expect(Math.abs(incompleteBeta(inverseIncompleteBeta(p, a, b), a, b) - p)).toBeLessThan(1e-9);
    }),
  );
});

test.each([
  ['x', () => incompleteBeta(1.5, 1, 1)],
  ['b', () => incompleteBeta(0.5, 1, 0)],
  ['p', () => normalQuantile(0)],
  ['degrees', () => studentTCdf(1, -1)],
  ['trials', () => binomialMass(1, 1.5, 0.5)],
])('an argument outside the domain is refused by its name: %s', (name, call) => {
  expect(call).toThrow(RangeError);
  expect(call).toThrow(new RegExp(`^${name} must`));
});
