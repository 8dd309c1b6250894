// The steps of a rollout by the weight that the candidate has, so that a change of the spec finds its place again.
import { bakeName, type Rollout } from '@sluice/crds/v1alpha1/rollout.ts';
import type { StepRule } from '../../gates/step.ts';

/** A step, or the bake, which has all requests. */
export type Stage = { readonly rule: StepRule; readonly weightPercent: number };

export const bakeWeight = 100;

/** Every stage in order, the bake last. */
export function stagesOf({ steps, bakeSeconds, onInconclusive }: Rollout): Stage[] {
  const stages = steps.map(
    ({ weightPercent, ...rule }): Stage => ({ rule: { ...rule, onInconclusive }, weightPercent }),
  );
  const maxSeconds = Math.max(1, bakeSeconds);
  const bake = { name: bakeName, minCandidateSamples: 0, minSeconds: bakeSeconds, maxSeconds, onInconclusive };
  return [...stages, { rule: bake, weightPercent: bakeWeight }];
}

/** The stage of a weight; where the spec has it no longer, the next lower one, or the first. */
export function stageAt(stages: readonly Stage[], weight: number): Stage | undefined {
  return stages.findLast(({ weightPercent }) => weightPercent <= weight) ?? stages[0];
}

/** The stage after the one with this weight; undefined after the bake. */
export const stageAfter = (stages: readonly Stage[], weight: number): Stage | undefined =>
  stages.find(({ weightPercent }) => weightPercent > weight);
