import { describe, expect, test } from '@jest/globals';
import { balancedAccuracy, classQualities, countConfusion, macroAverage } from './confusion.ts';

// Expected figures: by hand from the matrix, with scikit-learn's definitions of the macro averages.
const actual = Int32Array.from([0, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
const predicted = Int32Array.from([0, 0, 0, 1, 1, 1, 0, 2, 0, 1]);

describe('the confusion matrix', () => {
  const cells = countConfusion(actual, predicted, 3);

  test('has actual classes as rows and predicted ones as columns', () => {
    expect([...cells]).toEqual([3, 1, 0, 1, 2, 0, 1, 1, 1]);
  });

  test('gives precision, recall and F1 of each class', () => {
    const rounded = classQualities(cells).map(({ precision, recall, f1 }) =>
      [precision, recall, f1].map((x) => x.toFixed(4)),
    );
    expect(rounded).toEqual([
      ['0.6000', '0.7500', '0.6667'],
      ['0.5000', '0.6667', '0.5714'],
      ['1.0000', '0.3333', '0.5000'],
    ]);
  });

  test('gives macro averages', () => {
    expect(macroAverage(cells, 'precision')).toBeCloseTo(0.7, 10);
    expect(macroAverage(cells, 'recall')).toBeCloseTo(7 / 12, 10);
    expect(macroAverage(cells, 'f1')).toBeCloseTo(0.5793650793650794, 10);
  });

  test('leaves classes without rows out of the balanced accuracy, and counts wrongly predicted ones as 0 in recall', () => {
    const narrow = countConfusion(Int32Array.from([0, 0, 1, 1]), Int32Array.from([0, 2, 1, 1]), 4);
    expect(balancedAccuracy(narrow)).toBe(0.75);
    expect(macroAverage(narrow, 'recall')).toBe(0.5);
  });
});
