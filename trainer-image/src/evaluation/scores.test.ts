// What counts as right, and what the sums are good for.
import { describe, expect, test } from '@jest/globals';
import { studentTCritical } from '@sluice/statistics/student-t.ts';
import { meanInterval } from '@sluice/statistics/testing/mean-interval.ts';
import fc from 'fast-check';
import { isSameLabel, makeScores } from './scores.ts';

describe('a label', () => {
  test.each([
    ['3', '3.0', true],
    ['3', '3', true],
    ['1e3', '1000', true],
    ['-0', '0', true],
    ['3', '30', false],
    ['a', 'A', false],
    ['', '0', false],
    ['3a', '3', false],
    ['NaN', 'NaN', true],
  ])('%j for %j: %s', (answer, label, expected) => {
    expect(isSameLabel(answer, label)).toBe(expected);
  });
});

test('every row is in exactly one place: right, wrong (also without a finite answer), or unanswered', () => {
  const answer = fc.constantFrom('a', 'b', null);
  const answers = fc.option(fc.array(answer, { minLength: 4, maxLength: 4 }), { nil: undefined });
  fc.assert(
    fc.property(answers, answers, (candidate, live) => {
      const scores = makeScores({ type: 'Labels', labels: ['a', 'b', 'a', 'b'] }, true);
      scores.add({ from: 0, to: 4 }, { candidate, live });
      const outcome = scores.outcome();
      if (outcome.type !== 'PairedClasses') throw new Error('labels of two sides are paired');
      const { bothRight, candidateOnly, liveOnly, bothWrong } = outcome;
      const complete = candidate && live ? [0, 1, 2, 3] : [];
      const isRight = (answer: unknown, row: number) => answer === ['a', 'b'][row % 2];
      expect(bothRight + candidateOnly + liveOnly + bothWrong).toBe(complete.length);
      expect(bothRight + candidateOnly).toBe(complete.filter((row) => isRight(candidate?.[row], row)).length);
      expect(scores.n).toBe(complete.length);
      const nulls = (all: typeof candidate) => (all ?? []).filter((one) => one === null).length;
      expect(scores.nonFinite).toEqual({ candidate: nulls(candidate), live: nulls(live) });
    }),
  );
});

test('the sums give the mean of the paired differences and its standard error', () => {
  const error = fc.double({ min: -1000, max: 1000, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(error, error), { minLength: 3, maxLength: 50 }), (errors) => {
      const scores = makeScores({ type: 'Values', values: new Float64Array(errors.length) }, true);
      const rows = { from: 0, to: errors.length };
      scores.add(rows, { candidate: errors.map(([one]) => one), live: errors.map(([, other]) => other) });
      const outcome = scores.outcome();
      if (outcome.type !== 'PairedValues') throw new Error('values of two sides are paired');
      const { sum, sumOfSquares } = outcome.difference.absolute;
      const n = errors.length;
      const reference = meanInterval(
        errors.map(([one, other]) => Math.abs(one) - Math.abs(other)),
        0.95,
      );
      expect(sum / n).toBeCloseTo(reference.value, 6);
      const variance = Math.max(0, sumOfSquares - sum ** 2 / n) / (n - 1);
      const reach = studentTCritical(0.95, n - 1) * Math.sqrt(variance / n);
      expect(reach).toBeCloseTo(reference.upper - reference.value, 4);
    }),
  );
});
