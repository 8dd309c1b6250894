// With what a candidate can be compared in a step.
import { secondsSince } from '../conditions.ts';
import { guardrailLimits } from '../gates/guardrail.ts';
import { workloadOf } from './children.ts';
import { readyReplicas } from './health.ts';
import type { ObservedWorkload } from './observed.ts';
import type { Trial } from './trial.ts';

/**
 * - `Live`: with the live revision. - `Last`: with what the live revision last showed, as in the bake; it has lost its pods.
 * - `Nothing`: the live revision has no ready pod, and may be back in a moment; or neither revision has one.
 */
export type Comparison = 'Live' | 'Last' | 'Nothing';

export type Compared = Pick<Trial, 'observed' | 'candidate' | 'stable' | 'now'>;

/** Since when its Deployment says that pods are missing. */
const missingSince = (workload: ObservedWorkload | undefined) =>
  workload?.status?.conditions?.find(({ type, status }) => type === 'Available' && status === 'False')
    ?.lastTransitionTime;

/**
 * A pod that moves to another node is back within seconds. Pods are lost after the time after which a candidate that lacks
 * them is taken back; the Deployment says since when, so nobody needs to remember it.
 */
export function comparisonOf({ observed, candidate, stable, now }: Compared): Comparison {
  const live = stable && workloadOf(observed.workloads, stable.revision);
  if (readyReplicas(live) > 0) return 'Live';
  if (readyReplicas(workloadOf(observed.workloads, candidate.revision)) === 0) return 'Nothing';
  const since = missingSince(live);
  return since !== undefined && secondsSince(since, now) >= guardrailLimits.notReadySeconds ? 'Last' : 'Nothing';
}
