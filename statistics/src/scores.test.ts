// AUROC, means, R², calibration and bootstrap intervals against statsmodels, scikit-learn, numpy and scipy.
import { describe, expect, test } from '@jest/globals';
import figures from '../oracle/figures.json' with { type: 'json' };
import { aurocInterval } from './auroc.ts';
import { bootstrapCounts, bootstrapRows } from './bootstrap.ts';
import { expectedCalibrationError } from './calibration.ts';
import { meanInterval, rmseInterval } from './mean-interval.ts';
import { rSquaredInterval } from './r-squared.ts';

function macroF1(counts: Float64Array): number {
  const cell = (row: number, column: number) => counts[row * 3 + column] ?? 0;
  const classes = [0, 1, 2];
  const scores = classes.map((label) => {
    const marginals = classes.reduce((sum, other) => sum + cell(label, other) + cell(other, label), 0);
    return marginals === 0 ? 0 : (2 * cell(label, label)) / marginals;
  });
  return scores.reduce((sum, score) => sum + score, 0) / 3;
}

test.each(figures.auroc)('area and DeLong interval agree: $value', (figure) => {
  const actual = aurocInterval(figure.positives, figure.negatives, figure.confidence);
  for (const key of ['value', 'variance', 'lower', 'upper'] as const) expect(actual[key]).toBeCloseTo(figure[key], 11);
});

test.each(figures.aurocScoreLimits)(
  'perfect separation of $positives and $negatives rows is not certainty',
  (figure) => {
    const positives = Array.from({ length: figure.positives }, () => 1);
    const negatives = Array.from({ length: figure.negatives }, () => 0);
    const actual = aurocInterval(positives, negatives, 0.95);
    expect(actual.lower).toBeCloseTo(figure.lower, 10);
    expect([actual.value, actual.upper]).toEqual([1, 1]);
    expect(aurocInterval(negatives, positives, 0.95).upper).toBeCloseTo(1 - figure.lower, 10);
  },
);

test.each(figures.mean)('mean and RMSE intervals agree: $mean.value', ({ values, confidence, mean, rmse }) => {
  for (const key of ['value', 'lower', 'upper'] as const) {
    expect(meanInterval(values, confidence)[key]).toBeCloseTo(mean[key], 8);
    expect(rmseInterval(values, confidence)[key]).toBeCloseTo(rmse[key], 8);
  }
});

describe('percentile bootstrap', () => {
  const resampling = { confidence: 0.95, resamples: 4000, seed: 7 };

  test('agrees with scipy on R² within resampling error, and repeats exactly', () => {
    const { actual, predicted, value, lower, upper } = figures.rSquared;
    const interval = rSquaredInterval({ actual, predicted, ...resampling });
    expect(interval.value).toBeCloseTo(value, 11);
    expect(Math.abs(interval.lower - lower)).toBeLessThan(0.1 * (upper - lower));
    expect(Math.abs(interval.upper - upper)).toBeLessThan(0.1 * (upper - lower));
    expect(rSquaredInterval({ actual, predicted, ...resampling })).toEqual(interval);
    expect(rSquaredInterval({ actual, predicted, ...resampling, seed: 8 })).not.toEqual(interval);
  });

  test('over cells agrees with scikit-learn over rows on macro-F1', () => {
    const { matrix, value, lower, upper } = figures.macroF1;
    const interval = bootstrapCounts({ counts: matrix, statistic: macroF1, ...resampling });
    expect(interval.value).toBeCloseTo(value, 11);
    expect(Math.abs(interval.lower - lower)).toBeLessThan(0.1 * (upper - lower));
    expect(Math.abs(interval.upper - upper)).toBeLessThan(0.1 * (upper - lower));
  });

  test('leaves undefined resamples out and refuses an undefined estimate', () => {
    const share = (counts: Float64Array) => (counts[0] ?? 0) / ((counts[0] ?? 0) + (counts[1] ?? 0));
    const interval = bootstrapCounts({ counts: [1, 1, 8], statistic: share, ...resampling });
    expect(interval).toEqual({ value: 0.5, lower: 0, upper: 1 });
    expect(() => bootstrapRows({ rows: 3, statistic: () => Number.NaN, ...resampling })).toThrow(/^statistic must/);
    expect(() => rSquaredInterval({ actual: [1, 1], predicted: [1, 2], ...resampling })).toThrow(/^actual must/);
  });
});

test('expected calibration error agrees with scikit-learn and numpy', () => {
  const { probabilities, correct, bins, error } = figures.calibration;
  const actual = expectedCalibrationError({ probabilities, correct, bins });
  expect(actual.error).toBeCloseTo(error, 11);
  expect(actual.bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(probabilities.length);
  expect(() => expectedCalibrationError({ probabilities: [1.1], correct: [1], bins })).toThrow(
    /^probabilities\[0\] must/,
  );
});

test.each([
  ['values', () => meanInterval([1], 0.95)],
  ['errors\\[1\\]', () => rmseInterval([1, Number.NaN], 0.95)],
  ['negatives', () => aurocInterval([1], [], 0.95)],
])('a sample that says nothing is refused by its name: %s', (name, call) => {
  expect(call).toThrow(new RegExp(`^${name} must`));
});
