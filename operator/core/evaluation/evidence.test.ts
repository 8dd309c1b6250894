// Sums must say the same as the rows they were made of.
import { describe, expect, test } from '@jest/globals';
import type { ErrorSums, EvaluationCounts, EvaluationOutcome } from '@sluice/crds/evaluation-contract.ts';
import { meanInterval, rmseInterval } from '@sluice/statistics/testing/mean-interval.ts';
import fc from 'fast-check';
import { type EvaluationMetric, evidenceOf } from './evidence.ts';

const digest = `sha256:${'d'.repeat(64)}`;
const none = { unanswered: 0, nonFinite: 0 };
const clean = { failedRequests: 0, failedRows: 0, nonFinite: 0 };
const counts = (outcome: EvaluationOutcome, n: number, rows = n): EvaluationCounts => ({
  data: { digest, rows, bytes: 10 },
  n,
  outcome,
  candidate: clean,
});
const sumsOf = (values: readonly number[]) => ({
  sum: values.reduce((sum, value) => sum + value, 0),
  sumOfSquares: values.reduce((sum, value) => sum + value ** 2, 0),
});
const errorSums = (absolute: readonly number[], squared: readonly number[]): ErrorSums => ({
  absolute: sumsOf(absolute),
  squared: sumsOf(squared),
});
const square = (value: number) => value ** 2;
const paired = (candidate: readonly number[], live: readonly number[]): EvaluationCounts => {
  const minus = (of: (value: number) => number) => candidate.map((value, row) => of(value) - of(live[row] ?? 0));
  const outcome = {
    type: 'PairedValues',
    candidate: errorSums(candidate.map(Math.abs), candidate.map(square)),
    live: errorSums(live.map(Math.abs), live.map(square)),
    difference: errorSums(minus(Math.abs), minus(square)),
  } as const;
  return counts(outcome, candidate.length);
};
const metricOf = (evaluation: EvaluationCounts, metric: EvaluationMetric) => {
  const evidence = evidenceOf(evaluation, metric, 0.9);
  if (evidence?.type !== 'Metric') throw new Error('errors give a metric');
  return evidence;
};

describe('classes', () => {
  test('of two sides are paired, of one are not', () => {
    const table = { bothRight: 60, candidateOnly: 20, liveOnly: 15, bothWrong: 5 };
    expect(evidenceOf(counts({ type: 'PairedClasses', ...table }, 100), 'accuracy', 0.95)).toEqual({
      type: 'Paired',
      bothRight: 60,
      onlyCandidate: 20,
      onlyStable: 15,
      bothWrong: 5,
      asked: 100,
      faults: { candidate: none, stable: none },
    });
    expect(evidenceOf(counts({ type: 'Classes', right: 80, wrong: 13 }, 93, 100), 'accuracy', 0.95)).toEqual({
      type: 'Single',
      right: 80,
      wrong: 13,
      asked: 100,
      faults: { candidate: none, stable: none },
    });
  });

  test('say nothing about an error, nor errors about accuracy, nor one row about an interval', () => {
    expect(evidenceOf(counts({ type: 'Classes', right: 1, wrong: 1 }, 2), 'mae', 0.95)).toBeUndefined();
    expect(evidenceOf(paired([1, 2], [1, 3]), 'accuracy', 0.95)).toBeUndefined();
    expect(evidenceOf(paired([1], [1]), 'mae', 0.95)).toMatchObject({ type: 'TooFew', asked: 1 });
  });

  test('of a side that failed say how', () => {
    const failing = { failedRequests: 1, failedRows: 7, nonFinite: 2, firstFailure: 'status 500' };
    const evaluation = { ...counts({ type: 'Classes', right: 80, wrong: 13 }, 93, 100), candidate: failing };
    const wanted = { candidate: { unanswered: 7, nonFinite: 2, firstFailure: 'status 500' }, stable: none };
    expect(evidenceOf(evaluation, 'accuracy', 0.95)?.faults).toEqual(wanted);
  });
});

describe('errors', () => {
  const error = fc.double({ min: -100, max: 100, noNaN: true });
  const rows = fc.array(fc.tuple(error, error), { minLength: 3, maxLength: 60 });
  const close = (actual: object | undefined, expected: object) => {
    for (const [name, value] of Object.entries(expected)) expect(actual).toHaveProperty(name, expect.closeTo(value, 4));
  };

  test('give the same MAE intervals as the rows themselves', () => {
    fc.assert(
      fc.property(rows, (errors) => {
        const [candidate, live] = [errors.map(([one]) => one), errors.map(([, other]) => other)];
        const evidence = metricOf(paired(candidate, live), 'mae');
        close(evidence.candidate, meanInterval(candidate.map(Math.abs), 0.9));
        close(evidence.stable, meanInterval(live.map(Math.abs), 0.9));
        const differences = candidate.map((value, row) => Math.abs(value) - Math.abs(live[row] ?? 0));
        close(evidence.difference, meanInterval(differences, 0.9));
      }),
    );
  });

  test('give the same RMSE intervals as the rows themselves', () => {
    const away = fc.double({ min: 0.5, max: 100, noNaN: true });
    const awayFromZero = fc.array(fc.tuple(away, away), { minLength: 3, maxLength: 60 });
    fc.assert(
      fc.property(awayFromZero, (errors) => {
        const [candidate, live] = [errors.map(([one]) => one), errors.map(([, other]) => other)];
        const evidence = metricOf(paired(candidate, live), 'rmse');
        const [own, other] = [rmseInterval(candidate, 0.9), rmseInterval(live, 0.9)];
        close(evidence.candidate, own);
        close(evidence.stable, other);
        // The delta method once more, row by row: each row's weight in the difference of the roots.
        const weights = errors.map(([c, l]) => c ** 2 / (2 * own.value) - l ** 2 / (2 * other.value));
        const reference = meanInterval(weights, 0.9);
        close(evidence.difference, { value: own.value - other.value });
        const reach = (evidence.difference?.upper ?? 0) - (evidence.difference?.value ?? 0);
        expect(reach).toBeCloseTo(reference.upper - reference.value, 3);
      }),
    );
  });

  test('that are all 0 leave no doubt', () => {
    const zero = { value: 0, lower: 0, upper: 0 };
    const evidence = metricOf(paired([0, 0, 0], [0, 0, 0]), 'rmse');
    expect(evidence).toMatchObject({ candidate: zero, stable: zero, difference: zero, better: 'Lower', rows: 3 });
  });
});
