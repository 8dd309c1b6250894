// Joins the evidence of thresholds and steps into the two figures that a traffic gate decides by.
import { type Evidence, stepsEvidence } from '@sluice/statistics/conditional-share.ts';
import { baselineOf, type RequestTotals, type Shows, type TrafficEvidence, type TrafficStep } from './traffic.ts';
import type { Verdict } from './verdict.ts';

/** Evidence of one step on one threshold. @param baseline what the live revision shows, or last showed. */
export type Threshold = (step: TrafficStep, baseline: RequestTotals) => Evidence;

/** The logarithm of the evidence that is needed at a confidence. */
export const neededEvidence = (confidence: number) => -Math.log(1 - confidence);

/** What counts alone can say. */
export type Decision = Exclude<Verdict, 'Error'>;

/** Harm is looked at first; too little of either is no verdict. */
export function decide({ harm, safety }: Evidence, needed: number): Decision {
  if (harm >= needed) return 'Fail';
  return safety >= needed ? 'Pass' : 'Inconclusive';
}

/** Harm as seen against one limit, safety against another. */
export const joinEvidence = (harm: Evidence, safety: Evidence): Evidence => ({
  harm: harm.harm,
  safety: safety.safety,
});

/**
 * Harm counts over all steps, since one that a step began to show is not forgotten in the next; over the thresholds it
 * is the mean of e-values, which is one. Safety is shown anew by each step, for every threshold.
 * @param shows which totals of the live revision can be compared with; those with any answer, if not given.
 */
export function weighThresholds(thresholds: readonly Threshold[], evidence: TrafficEvidence, shows?: Shows): Evidence {
  const { steps, plannedSteps } = evidence;
  const weighed = thresholds.map((threshold) => {
    const perStep = steps.map((step, index) => threshold(step, baselineOf(steps, index, shows)));
    return {
      harm: stepsEvidence(
        perStep.map(({ harm }) => harm),
        plannedSteps,
      ),
      safety: perStep.at(-1)?.safety ?? 0,
    };
  });
  if (weighed.length === 0) return { harm: 0, safety: 0 };
  return { harm: logMean(weighed.map(({ harm }) => harm)), safety: Math.min(...weighed.map(({ safety }) => safety)) };
}

function logMean(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  if (largest === -Infinity) return -Infinity;
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / logs.length);
}
