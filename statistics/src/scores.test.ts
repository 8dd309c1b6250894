// AUROC, means, R² and calibration against statsmodels, scikit-learn, numpy and scipy.
import { describe, expect, test } from '@jest/globals';
import figures from '../oracle/figures.json' with { type: 'json' };
import { aurocInterval } from './auroc.ts';
import { calibrationInterval, expectedCalibrationError } from './calibration.ts';
import { meanErrorInterval, rootMeanSquareInterval } from './error-interval.ts';
import { rSquaredInterval } from './r-squared.ts';
import { momentsOf } from './skewness.ts';
import { meanInterval, rmseInterval } from './testing/mean-interval.ts';

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

test('the interval of R² agrees with the bootstrap of scipy within a tenth of its width', () => {
  const { actual, predicted, confidence, value, lower, upper } = figures.rSquared;
  const interval = rSquaredInterval({ actual, predicted, confidence });
  if ('noInterval' in interval) throw new Error(interval.noInterval);
  expect(interval.value).toBeCloseTo(value, 11);
  expect(Math.abs(interval.lower - lower)).toBeLessThan(0.1 * (upper - lower));
  expect(Math.abs(interval.upper - upper)).toBeLessThan(0.1 * (upper - lower));
  expect(() => rSquaredInterval({ actual: [1, 1], predicted: [1, 2], confidence })).toThrow(/^actual must/);
});

// The figure is the example in the documentation of scipy.stats.skew.
test('skewness is that of scipy', () => {
  expect(momentsOf([2, 8, 0, 4, 1, 9, 9, 0]).skewness).toBeCloseTo(0.2650554122698573, 12);
  expect(momentsOf([3, 3, 3])).toEqual({ rows: 3, mean: 3, deviation: 0, skewness: 0 });
});

describe('an interval of errors', () => {
  const even = Array.from({ length: 400 }, (_, row) => (row + 0.5) / 400);

  test('is that of Student where errors are not skewed, and a root is mapped as it is', () => {
    const [mean, reference] = [meanErrorInterval(even, 0.95), meanInterval(even, 0.95)];
    if ('noInterval' in mean) throw new Error(mean.noInterval);
    expect(mean.lower).toBeCloseTo(reference.lower, 3);
    expect(mean.upper).toBeCloseTo(reference.upper, 3);
    const square = rootMeanSquareInterval(even.map(Math.sqrt), 0.95);
    if ('noInterval' in square) throw new Error(square.noInterval);
    expect(square.lower).toBeCloseTo(Math.sqrt(mean.lower), 12);
  });

  test('grows in proportion to the errors', () => {
    const [one, thousand] = [1, 1000].map((unit) =>
      meanErrorInterval(
        even.map((error) => error * unit),
        0.95,
      ),
    );
    if (one === undefined || thousand === undefined || 'noInterval' in one || 'noInterval' in thousand) {
      throw new Error('there are intervals');
    }
    expect(thousand.upper / one.upper).toBeCloseTo(1000, 8);
  });

  test.each([
    ['few rows', even.slice(0, 19), '19 rows are too few'],
    ['one error that outweighs all', [...even, 1e6], 'few large errors'],
    ['errors that do not vary', [2, 2, 2], 'all rows have the same error'],
  ])('is refused for %s, in words', (_, errors, why) => {
    expect(meanErrorInterval(errors, 0.95)).toMatchObject({ noInterval: expect.stringContaining(why) });
  });
});

test('the interval of a calibrated model reaches down to no error at all, that of a wrong one does not', () => {
  const probabilities = Array.from({ length: 200 }, (_, row) => 0.5 + (row % 50) / 100);
  const calibrated = probabilities.map((probability, row) => (row * 7919) % 200 < 200 * probability);
  const interval = calibrationInterval({ probabilities, correct: calibrated, bins: 15 }, 0.95);
  expect(interval.value).toBeGreaterThan(0);
  expect(interval.lower).toBe(0);
  const wrong = calibrationInterval({ probabilities, correct: probabilities.map(() => false), bins: 15 }, 0.95);
  expect(wrong.lower).toBeGreaterThan(0.5);
  expect(wrong.upper).toBeGreaterThanOrEqual(wrong.value);
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
