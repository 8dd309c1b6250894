// The intervals of proportions against scipy, statsmodels and Newcombe's table, and what must hold for all of them.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import figures from '../oracle/figures.json' with { type: 'json' };
import { clopperPearsonInterval } from './clopper-pearson.ts';
import { newcombeInterval } from './newcombe.ts';
import { wilsonInterval } from './wilson.ts';

const methods = [
  { name: 'wilson' as const, interval: wilsonInterval },
  { name: 'clopperPearson' as const, interval: clopperPearsonInterval },
];

describe.each(methods)('$name', ({ name, interval }) => {
  test.each(figures[name])('agrees with scipy for $successes of $trials at $confidence', (figure) => {
    const actual = interval(figure.successes, figure.trials, figure.confidence);
    expect(actual.lower).toBeCloseTo(figure.lower, 11);
    expect(actual.upper).toBeCloseTo(figure.upper, 11);
  });

  test('contains the estimate, stays in [0, 1], mirrors, and narrows with more trials', () => {
    const trials = fc.integer({ min: 1, max: 5000 });
    const confidence = fc.double({ min: 0.5, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(trials, fc.double({ min: 0, max: 1, noNaN: true }), confidence, (n, share, level) => {
        const k = Math.round(share * n);
        const { value, lower, upper } = interval(k, n, level);
        expect(0 <= lower && lower <= value && value <= upper && upper <= 1).toBe(true);
        const mirrored = interval(n - k, n, level);
        expect(mirrored.upper).toBeCloseTo(1 - lower, 10);
        const larger = interval(4 * k, 4 * n, level);
        expect(larger.upper - larger.lower).toBeLessThan(upper - lower);
      }),
    );
  });

  test.each([
    ['trials', () => interval(0, 0, 0.95)],
    ['successes', () => interval(3, 2, 0.95)],
    ['confidence', () => interval(1, 2, 95)],
  ])('refuses a wrong %s by its name', (argument, call) => {
    expect(call).toThrow(new RegExp(`^${argument} must`));
    expect(call).toThrow(RangeError);
  });
});

test.each(figures.newcombe)('the difference agrees with statsmodels: $first - $second at $confidence', (figure) => {
  const actual = newcombeInterval(figure.first, figure.second, figure.confidence);
  expect(actual.lower).toBeCloseTo(figure.lower, 11);
  expect(actual.upper).toBeCloseTo(figure.upper, 11);
});

test('the difference agrees with table II of Newcombe (1998): 56/70 - 48/80 is 0.2 (0.0524 to 0.3339)', () => {
  const { lower, upper } = newcombeInterval({ successes: 56, trials: 70 }, { successes: 48, trials: 80 }, 0.95);
  expect(lower).toBeCloseTo(0.0524, 4);
  expect(upper).toBeCloseTo(0.3339, 4);
});
