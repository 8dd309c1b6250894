// Turns the evaluator's counts into the evidence that an evaluation gate judges.
import type { EvaluationCounts } from '@sluice/crds/evaluation-contract.ts';
import type { Estimate } from '@sluice/statistics/interval.ts';
import { normalQuantile } from '@sluice/statistics/normal.ts';
import type { EvaluationEvidence, MetricRows } from '../gates/evaluation.ts';

type Sums = { readonly sum: number; readonly sumOfSquares: number };
type Values = Extract<EvaluationCounts['outcome'], { type: 'Values' | 'PairedValues' }>;

/** Mean of n values with its two-sided normal interval. */
function meanOf({ sum, sumOfSquares }: Sums, n: number, confidence: number): Estimate {
  const value = sum / n;
  const variance = Math.max(0, (sumOfSquares - n * value * value) / Math.max(1, n - 1));
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(variance / n);
  return { value, lower: value - reach, upper: value + reach };
}

const map = ({ value, lower, upper }: Estimate, change: (value: number) => number): Estimate => ({
  value: change(value),
  lower: change(lower),
  upper: change(upper),
});

const root = (value: number) => Math.sqrt(Math.max(0, value));

function meanAbsoluteErrors(outcome: Values, n: number, confidence: number): Omit<MetricRows, 'type' | 'rows'> {
  const candidate = meanOf(outcome.candidate.absolute, n, confidence);
  if (outcome.type === 'Values') return { better: 'Lower', candidate };
  return {
    better: 'Lower',
    candidate,
    stable: meanOf(outcome.live.absolute, n, confidence),
    difference: meanOf(outcome.difference.absolute, n, confidence),
  };
}

/** The difference of two roots is the difference of the squares by the sum of the roots. */
function rootMeanSquares(outcome: Values, n: number, confidence: number): Omit<MetricRows, 'type' | 'rows'> {
  const candidate = map(meanOf(outcome.candidate.squared, n, confidence), root);
  if (outcome.type === 'Values') return { better: 'Lower', candidate };
  const stable = map(meanOf(outcome.live.squared, n, confidence), root);
  const roots = candidate.value + stable.value;
  const difference = map(meanOf(outcome.difference.squared, n, confidence), (value) =>
    roots === 0 ? 0 : value / roots,
  );
  return { better: 'Lower', candidate, stable, difference };
}

/** @param metric of the gate. @returns undefined when the counts are of another kind of task than the metric. */
export function evaluationEvidence(
  metric: 'accuracy' | 'mae' | 'rmse',
  { n, outcome, candidate, live }: EvaluationCounts,
  confidence: number,
): EvaluationEvidence | undefined {
  const unanswered = [candidate, live].reduce((sum, side) => sum + (side ? side.failedRows + side.nonFinite : 0), 0);
  if (outcome.type === 'Classes' || outcome.type === 'PairedClasses') {
    if (metric !== 'accuracy') return undefined;
    if (outcome.type === 'Classes') return { ...outcome, type: 'Single', unanswered };
    const { bothRight, candidateOnly, liveOnly, bothWrong } = outcome;
    return { type: 'Paired', bothRight, onlyCandidate: candidateOnly, onlyStable: liveOnly, bothWrong, unanswered };
  }
  if (metric === 'accuracy') return undefined;
  const figures = (metric === 'mae' ? meanAbsoluteErrors : rootMeanSquares)(outcome, Math.max(1, n), confidence);
  return { type: 'Metric', rows: n, ...figures, unanswered };
}
