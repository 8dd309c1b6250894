// Turns an evaluation's counts into what a gate judges by: rows by who is right, or a metric with its intervals.
import type { ErrorSums, EvaluationCounts, EvaluationSide } from '@sluice/crds/evaluation-contract.ts';
import type { Estimate } from '@sluice/statistics/interval.ts';
import { studentTCritical } from '@sluice/statistics/student-t.ts';
import { type AnswerFaults, noFaults } from '../gates/answer-faults.ts';
import type { EvaluationEvidence } from '../gates/evaluation.ts';

/** Metrics that an evaluation can measure. */
export type EvaluationMetric = 'accuracy' | 'mae' | 'rmse';

const faultsOf = ({ failedRows, nonFinite, firstFailure }: EvaluationSide): AnswerFaults => ({
  unanswered: failedRows,
  nonFinite,
  firstFailure,
});

/**
 * The evidence for a gate with this metric and confidence (in (0, 1), two-sided).
 * @returns undefined when the models do not answer what the metric is about
 */
export function evidenceOf(
  { data, n, outcome, candidate: side, live: otherSide }: EvaluationCounts,
  metric: EvaluationMetric,
  confidence: number,
): EvaluationEvidence | undefined {
  const faults = { candidate: faultsOf(side), stable: otherSide ? faultsOf(otherSide) : noFaults };
  const frame = { asked: data.rows, faults };
  const isAboutClasses = outcome.type === 'Classes' || outcome.type === 'PairedClasses';
  if (isAboutClasses !== (metric === 'accuracy')) return undefined;
  if (outcome.type === 'Classes') return { type: 'Single', right: outcome.right, wrong: outcome.wrong, ...frame };
  if (outcome.type === 'PairedClasses') {
    const { bothRight, candidateOnly, liveOnly, bothWrong } = outcome;
    return { type: 'Paired', bothRight, onlyCandidate: candidateOnly, onlyStable: liveOnly, bothWrong, ...frame };
  }
  if (n < 2) return { type: 'TooFew', ...frame };
  const sample = { n, critical: studentTCritical(confidence, n - 1) };
  const estimate = metric === 'mae' ? maeOf : rmseOf;
  const metricFrame = { ...frame, type: 'Metric', rows: n, better: 'Lower' } as const;
  if (outcome.type === 'Values') return { ...metricFrame, candidate: estimate(outcome.candidate, sample) };
  const { candidate, live, difference } = outcome;
  return {
    ...metricFrame,
    candidate: estimate(candidate, sample),
    stable: estimate(live, sample),
    difference: metric === 'mae' ? maeOf(difference, sample) : rmseDifference({ candidate, live, difference }, sample),
  };
}

type Sample = { readonly n: number; readonly critical: number };
type Sums = ErrorSums['absolute'];

const meanOf = ({ sum }: Sums, { n }: Sample) => sum / n;

/** Variance of one row's value. Rounding can leave the difference of sums just below 0. */
const varianceOf = ({ sum, sumOfSquares }: Sums, { n }: Sample) => Math.max(0, sumOfSquares - sum ** 2 / n) / (n - 1);

function around(value: number, variance: number, { n, critical }: Sample): Estimate {
  const reach = critical * Math.sqrt(variance / n);
  return { value, lower: value - reach, upper: value + reach };
}

/** Student's t interval of the mean of |e|, or of its paired differences. */
const maeOf = ({ absolute }: ErrorSums, sample: Sample): Estimate =>
  around(meanOf(absolute, sample), varianceOf(absolute, sample), sample);

/** The t interval of the mean square, carried through the root by the delta method. Never below 0. */
function rmseOf({ squared }: ErrorSums, sample: Sample): Estimate {
  const value = Math.sqrt(meanOf(squared, sample));
  const variance = value === 0 ? 0 : varianceOf(squared, sample) / (2 * value) ** 2;
  const { lower, upper } = around(value, variance, sample);
  return { value, lower: Math.max(0, lower), upper };
}

type Pair = { readonly candidate: ErrorSums; readonly live: ErrorSums; readonly difference: ErrorSums };

/**
 * The delta method for sqrt(mean e_c²) - sqrt(mean e_l²). The covariance of both squares is what the variance of their
 * differences lacks: var(c - l) = var(c) + var(l) - 2 cov(c, l).
 */
function rmseDifference({ candidate, live, difference }: Pair, sample: Sample): Estimate {
  const candidateRoot = Math.sqrt(meanOf(candidate.squared, sample));
  const liveRoot = Math.sqrt(meanOf(live.squared, sample));
  const slope = (root: number) => (root === 0 ? 0 : 1 / (2 * root));
  const [a, b] = [slope(candidateRoot), slope(liveRoot)];
  const candidateVariance = varianceOf(candidate.squared, sample);
  const liveVariance = varianceOf(live.squared, sample);
  const covariance = (candidateVariance + liveVariance - varianceOf(difference.squared, sample)) / 2;
  const variance = Math.max(0, a ** 2 * candidateVariance + b ** 2 * liveVariance - 2 * a * b * covariance);
  return around(candidateRoot - liveRoot, variance, sample);
}
