// Paired tests and quantiles against scipy and statsmodels.
import { describe, expect, test } from '@jest/globals';
import figures from '../oracle/figures.json' with { type: 'json' };
import { binomialMass } from './binomial.ts';
import { mcnemarTest, nonInferiorityTest } from './mcnemar.ts';
import { histogramQuantileInterval, sampleQuantileInterval } from './quantile.ts';

test.each(figures.mcnemar)('McNemar: $wins to $losses', ({ wins, losses, value }) => {
  expect(Math.abs(mcnemarTest(wins, losses) / value - 1)).toBeLessThan(1e-9);
});

test.each(figures.nonInferiority)('non-inferiority: $wins to $losses of $pairs at $margin', ({ value, ...outcome }) => {
  expect(nonInferiorityTest(outcome)).toBeCloseTo(value, 8);
});

test('a candidate exactly at the margin passes at 5 % in at most 5 % of all samples', () => {
  const pairs = 20;
  const margin = 0.1;
  const passing: [number, number][] = [];
  for (let wins = 0; wins <= pairs; wins++) {
    for (let losses = 0; losses <= pairs - wins; losses++) {
      if (nonInferiorityTest({ wins, losses, pairs, margin }) <= 0.05) passing.push([wins, losses]);
    }
  }
  for (const share of [0.1, 0.2, 0.4, 0.7, 1]) {
    const winShare = (share - margin) / (2 * share);
    const chances = passing.map(
      ([wins, losses]) => binomialMass(wins + losses, pairs, share) * binomialMass(wins, wins + losses, winShare),
    );
    expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeLessThanOrEqual(0.05);
  }
  expect(passing.length).toBeGreaterThan(0);
});

test.each(figures.quantile)('quantile $probability of a sample', ({ values, probability, confidence, ...expected }) => {
  const actual = sampleQuantileInterval(values, probability, confidence);
  expect(actual.value).toBeCloseTo(expected.value, 11);
  expect(actual.lower).toBe(expected.lower ?? -Infinity);
  expect(actual.upper).toBe(expected.upper ?? Infinity);
});

describe('quantile of a histogram', () => {
  const histogram = { start: 0, upperBounds: [10, 20, 50, Infinity], cumulativeCounts: [50, 90, 100, 100] };

  test('interpolates within the bucket and reaches to the edges of the order statistics', () => {
    expect(histogramQuantileInterval(histogram, 0.7, 0.95)).toEqual({ value: 15, lower: 10, upper: 20 });
    expect(histogramQuantileInterval(histogram, 0.5, 0.95)).toEqual({ value: 10, lower: 0, upper: 20 });
  });

  test('is unbounded above where the counts cannot bound it', () => {
    expect(histogramQuantileInterval(histogram, 0.999, 0.95).upper).toBe(Infinity);
  });

  test('refuses what is no cumulative histogram', () => {
    const quantile = (change: object) => () => histogramQuantileInterval({ ...histogram, ...change }, 0.5, 0.95);
    expect(quantile({ cumulativeCounts: [50, 40, 100, 100] })).toThrow(/^cumulativeCounts\[1\] must/);
    expect(quantile({ upperBounds: [10, 10, 50, 60] })).toThrow(/^upperBounds\[1\] must/);
  });
});
