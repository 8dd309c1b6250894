import { describe, expect, test } from '@jest/globals';
import { canonicalJson } from '@sluice/crds/canonical-json.ts';
import fc from 'fast-check';
import type { BundleMetric, FittedTarget } from './manifest.ts';
import { type Evaluation, evaluate, evaluateClassification, evaluateRegression } from './metrics.ts';

const setting = { split: 'test', baseline: 0 } as const;

const find = ({ metrics }: Evaluation, name: string): BundleMetric | undefined =>
  metrics.find((metric) => metric.name === name);

/** Probabilities of two classes from those of the second. */
const binary = (scores: number[]) => Float32Array.from(scores.flatMap((score) => [1 - score, score]));

describe('evaluateClassification', () => {
  const actual = Int32Array.from([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  const scores = [0.125, 0.25, 0.25, 0.375, 0.125, 0.75, 0.875, 0.625, 0.75, 0.25];
  const evaluation = evaluateClassification({
    ...setting,
    classes: ['no', 'yes'],
    actual,
    probabilities: binary(scores),
  });

  test.each([
    ['accuracy', 0.8],
    ['balanced_accuracy', (5 / 6 + 3 / 4) / 2],
    ['baseline_accuracy', 0.6],
    ['precision_macro', (5 / 6 + 3 / 4) / 2],
    ['recall_macro', (5 / 6 + 3 / 4) / 2],
    ['f1_macro', (5 / 6 + 3 / 4) / 2],
    // Pairs won: 0.875 beats 6, 0.75 beats 5 and ties 1, 0.625 beats 5, 0.25 beats 2 and ties 2; of 24.
    ['auroc', (6 + 5.5 + 5 + 3) / 24],
    [
      'log_loss',
      -[0.875, 0.75, 0.75, 0.625, 0.875, 0.25, 0.875, 0.625, 0.75, 0.25].reduce((s, p) => s + Math.log(p), 0) / 10,
    ],
  ])('gives %s', (name, value) => {
    expect(find(evaluation, name)?.value).toBeCloseTo(value, 12);
    expect(find(evaluation, name)).toMatchObject({ split: 'test', n: 10 });
  });

  test('gives the accuracy the Wilson interval of 8 in 10', () => {
    // statsmodels.stats.proportion.proportion_confint(8, 10, method='wilson'): 0.4901625, 0.9433178.
    const accuracy = find(evaluation, 'accuracy');
    expect(accuracy?.lower).toBeCloseTo(0.4901625, 6);
    expect(accuracy?.upper).toBeCloseTo(0.9433178, 6);
    expect(accuracy?.method).toBe('wilson');
  });

  test('reports the calibration error that its own diagram shows', () => {
    if (evaluation.report.task !== 'Classification') throw new Error('wrong report');
    expect(find(evaluation, 'calibration_error')?.value).toBeCloseTo(evaluation.report.calibration.error, 12);
  });

  test('reports the confusion matrix, each class, and the curves of the second of two classes', () => {
    expect(evaluation.report).toMatchObject({
      task: 'Classification',
      rows: 10,
      confusion: [
        [5, 1],
        [1, 3],
      ],
      perClass: [
        { class: 'no', support: 6 },
        { class: 'yes', support: 4 },
      ],
      curves: [{ class: 'yes' }],
    });
  });

  test('is the same for the same seed, and can be written as canonical JSON', () => {
    const again = evaluateClassification({ ...setting, classes: ['no', 'yes'], actual, probabilities: binary(scores) });
    expect(canonicalJson(again)).toBe(canonicalJson(evaluation));
  });

  test('leaves auroc out when only one class occurs, or there are more than two', () => {
    const one = evaluateClassification({
      ...setting,
      classes: ['no', 'yes'],
      actual: new Int32Array(3),
      probabilities: binary([0, 1, 0]),
    });
    expect(find(one, 'auroc')).toBeUndefined();
    const probabilities = Float32Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    const three = evaluateClassification({
      ...setting,
      classes: ['a', 'b', 'c'],
      actual: Int32Array.from([0, 1, 2]),
      probabilities,
    });
    expect(find(three, 'auroc')).toBeUndefined();
    expect(three.report).toMatchObject({ curves: [{ class: 'a' }, { class: 'b' }, { class: 'c' }] });
  });

  test('bounds the loss of a class that was given no chance, and takes a softmax that rounds above 1', () => {
    const probabilities = Float32Array.from([0, 1 + 2 ** -23, 0, 1 + 2 ** -23]);
    const wrong = evaluateClassification({
      ...setting,
      classes: ['no', 'yes'],
      actual: new Int32Array(2),
      probabilities,
    });
    expect(find(wrong, 'log_loss')?.value).toBeCloseTo(23 * Math.LN2, 12);
    expect(find(wrong, 'calibration_error')?.value).toBe(1);
  });

  test('claims no certainty when every row is right', () => {
    const perfect = evaluateClassification({
      ...setting,
      classes: ['no', 'yes'],
      actual,
      probabilities: binary([...actual]),
    });
    expect(find(perfect, 'accuracy')).toMatchObject({ value: 1, upper: 1 });
    expect(find(perfect, 'accuracy')?.lower).toBeLessThan(0.75);
    expect(find(perfect, 'auroc')).toMatchObject({ value: 1, method: 'newcombe' });
    expect(find(perfect, 'auroc')?.lower).toBeLessThan(0.99);
  });

  test('gives finite numbers inside their intervals or says why there are none, whatever was predicted', () => {
    const rows = fc.array(
      fc.tuple(fc.nat(2), fc.float({ min: 0, max: 1, noNaN: true }), fc.float({ min: 0, max: 1, noNaN: true })),
      { minLength: 2, maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, (list) => {
        const probabilities = Float32Array.from(list.flatMap(([, a, b]) => [a * b, a * (1 - b), 1 - a]));
        const input = {
          ...setting,
          classes: ['a', 'b', 'c'],
          actual: Int32Array.from(list, ([label]) => label),
          probabilities,
        };
        for (const { value, lower = value, upper = value, n, noInterval } of evaluateClassification(input).metrics) {
          expect([value, lower, upper].every(Number.isFinite)).toBe(true);
          expect(lower <= value && value <= upper).toBe(true);
          if (noInterval !== undefined) expect(noInterval.length).toBeLessThanOrEqual(100);
          expect(n).toBe(list.length);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('takes no longer for a thousand classes than a person waits', () => {
    const classes = Array.from({ length: 1000 }, (_, index) => `c${index}`);
    const rows = 5000;
    const probabilities = new Float32Array(rows * classes.length).fill(1 / classes.length);
    const actual = Int32Array.from({ length: rows }, (_, row) => row % classes.length);
    const [accuracy] = evaluateClassification({ ...setting, classes, actual, probabilities }).metrics;
    expect(accuracy).toMatchObject({ name: 'accuracy', value: 0.001 });
  }, 5000);

  test('refuses a single row', () => {
    const input = { ...setting, classes: ['no', 'yes'], actual: new Int32Array(1), probabilities: binary([0]) };
    expect(() => evaluateClassification(input)).toThrow(
      'spec.data.split: 1 rows to evaluate on, at least 2 are needed',
    );
  });
});

describe('evaluateRegression', () => {
  const actual = new Float64Array([3, -0.5, 2, 7]);
  const predicted = new Float64Array([2.5, 0, 2, 8]);
  const evaluation = evaluateRegression({ ...setting, baseline: 2, actual, predicted });

  // scikit-learn's documentation gives these for the same numbers: MAE 0.5, RMSE 0.612, R² 0.948.
  test.each([
    ['mae', 0.5],
    ['rmse', Math.sqrt(0.375)],
    ['r2', 0.9486081370449679],
    ['baseline_mae', (1 + 2.5 + 0 + 5) / 4],
  ])('gives %s', (name, value) => {
    expect(find(evaluation, name)?.value).toBeCloseTo(value, 12);
  });

  test('reports pairs in the order of the actual value', () => {
    expect(evaluation.report).toEqual({
      task: 'Regression',
      split: 'test',
      rows: 4,
      pairs: [
        [-0.5, 0],
        [2, 2],
        [3, 2.5],
        [7, 8],
      ],
    });
  });

  test('leaves r2 out when the actual value is constant', () => {
    const constant = evaluateRegression({
      ...setting,
      actual: new Float64Array([1, 1, 1]),
      predicted: new Float64Array([1, 2, 3]),
    });
    expect(constant.metrics.map(({ name }) => name)).toEqual(['mae', 'rmse', 'baseline_mae']);
  });
});

describe('evaluate', () => {
  test('understands the output of a classifier', () => {
    const target: FittedTarget = { type: 'Classes', column: 'y', classes: ['2', '10'] };
    const output = binary([0.9, 0.2, 0.8]);
    const evaluation = evaluate({ ...setting, target, actual: new Float64Array([10, 2, 2]), output });
    expect(find(evaluation, 'accuracy')?.value).toBeCloseTo(2 / 3, 12);
  });

  test('understands the standardised output of a regression', () => {
    const target: FittedTarget = { type: 'Value', column: 'y', mean: 100, deviation: 10 };
    const evaluation = evaluate({ ...setting, target, actual: ['110', '80'], output: new Float32Array([1, -1]) });
    expect(find(evaluation, 'mae')?.value).toBe(5);
  });

  test('gives every quality of a classifier of ten classes', () => {
    const classes = Array.from({ length: 10 }, (_, index) => `${index}`);
    const actual = Float64Array.from({ length: 40 }, (_, row) => row % 10);
    const output = Float32Array.from({ length: 400 }, (_, place) => (place % 10 === 3 ? 0.55 : 0.05));
    const evaluation = evaluate({ ...setting, target: { type: 'Classes', column: 'y', classes }, actual, output });
    expect(evaluation.metrics.map(({ name }) => name)).toEqual([
      'accuracy',
      'balanced_accuracy',
      'baseline_accuracy',
      'precision_macro',
      'recall_macro',
      'f1_macro',
      'log_loss',
      'calibration_error',
    ]);
    expect(find(evaluation, 'accuracy')?.value).toBeCloseTo(0.1, 12);
  });
});
