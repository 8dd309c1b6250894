// Scores answers against the target and counts them, row by row and side beside side.
import type { ErrorSums, EvaluationOutcome } from '@sluice/crds/evaluation-contract.ts';
import { parseNumber } from '@sluice/model/natural-order.ts';
import type { Answer } from './answers.ts';
import type { Side } from './endpoint.ts';
import type { Target } from './holdout.ts';

/** Answers to consecutive rows; undefined when the request failed. */
export type SideAnswers = readonly Answer[] | undefined;

/**
 * Counts rows; only those that every side answered are in the outcome. An answer that is no finite number is a wrong one
 * where answers are right or wrong, and has no error that could be summed where they are near or far.
 */
export type Scores = {
  add(rows: { readonly from: number; readonly to: number }, answers: Readonly<Record<Side, SideAnswers>>): void;
  /** Rows in the outcome. */
  readonly n: number;
  /** Rows that a side answered with nothing finite. */
  readonly nonFinite: Readonly<Record<Side, number>>;
  outcome(): EvaluationOutcome;
};

type Scoring<Score> = {
  /** Undefined when the answer is nothing finite. */
  score(row: number, answer: Answer): Score | undefined;
  /** What such an answer scores; undefined when its row must be left out. */
  readonly ofNonFinite: Score | undefined;
  /** `live` is undefined when there is no live side. */
  count(candidate: Score, live: Score | undefined): void;
  outcome(): EvaluationOutcome;
};

/** Scores for one run over the rows of `target`. */
export function makeScores(target: Target, isPaired: boolean): Scores {
  return target.type === 'Labels'
    ? countRows(labelScoring(target.labels, isPaired), isPaired)
    : countRows(valueScoring(target.values, isPaired), isPaired);
}

function countRows<Score>(scoring: Scoring<Score>, isPaired: boolean): Scores {
  const nonFinite: Record<Side, number> = { candidate: 0, live: 0 };
  let n = 0;
  const scoreOf = (side: Side, row: number, answer: Answer | undefined): Score | undefined => {
    if (answer === undefined) return undefined;
    const score = scoring.score(row, answer);
    if (score === undefined) nonFinite[side]++;
    return score ?? scoring.ofNonFinite;
  };
  return {
    add({ from, to }, answers) {
      for (let row = from; row < to; row++) {
        const candidate = scoreOf('candidate', row, answers.candidate?.[row - from]);
        const live = scoreOf('live', row, answers.live?.[row - from]);
        if (candidate === undefined || (isPaired && live === undefined)) continue;
        n++;
        scoring.count(candidate, live);
      }
    },
    get n() {
      return n;
    },
    nonFinite,
    outcome: scoring.outcome,
  };
}

/** Whether a label is right: the same text, or another way to write the same number (3 and 3.0). */
export function isSameLabel(answer: string, label: string): boolean {
  if (answer === label) return true;
  const value = parseNumber(answer);
  return value !== undefined && value === parseNumber(label);
}

function labelScoring(labels: readonly string[], isPaired: boolean): Scoring<boolean> {
  const counts = { bothRight: 0, candidateOnly: 0, liveOnly: 0, bothWrong: 0 };
  return {
    score: (row, answer) => (answer === null ? undefined : isSameLabel(String(answer), labels[row] ?? '')),
    ofNonFinite: false,
    count(candidate, live = candidate) {
      if (candidate) counts[live ? 'bothRight' : 'candidateOnly']++;
      else counts[live ? 'liveOnly' : 'bothWrong']++;
    },
    outcome: () =>
      isPaired
        ? { type: 'PairedClasses', ...counts }
        : { type: 'Classes', right: counts.bothRight, wrong: counts.bothWrong },
  };
}

/** Beyond it the fourth powers in the sums would leave the range of a double. */
const largestError = 1e75;

function valueScoring(values: Float64Array, isPaired: boolean): Scoring<number> {
  const candidateSums = emptySums();
  const liveSums = emptySums();
  const difference = emptySums();
  return {
    score(row, answer) {
      const error = typeof answer === 'number' ? Math.abs(answer - (values[row] ?? Number.NaN)) : Number.NaN;
      return error <= largestError ? error : undefined;
    },
    ofNonFinite: undefined,
    count(candidate, live = 0) {
      addTo(candidateSums, candidate, candidate ** 2);
      addTo(liveSums, live, live ** 2);
      addTo(difference, candidate - live, candidate ** 2 - live ** 2);
    },
    outcome: () =>
      isPaired
        ? { type: 'PairedValues', candidate: candidateSums, live: liveSums, difference }
        : { type: 'Values', candidate: candidateSums },
  };
}

const emptySums = (): ErrorSums => ({
  absolute: { sum: 0, sumOfSquares: 0 },
  squared: { sum: 0, sumOfSquares: 0 },
});

function addTo({ absolute, squared }: ErrorSums, first: number, second: number): void {
  absolute.sum += first;
  absolute.sumOfSquares += first ** 2;
  squared.sum += second;
  squared.sumOfSquares += second ** 2;
}
