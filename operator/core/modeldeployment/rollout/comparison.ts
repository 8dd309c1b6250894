// With what a candidate can be compared in a step.
import { guardrailLimits } from '../../gates/guardrail.ts';
import type { KeptStep } from '../../gates/ledger.ts';
import type { Reach } from '../../traffic/port.ts';
import { readyReplicas } from '../workload/health.ts';
import { workloadOf } from '../workload/workload.ts';
import type { Trial } from './trial.ts';

/**
 * - `Live`: with the live revision. - `Last`: with what the live revision last showed, as in the bake; it is away for long.
 * - `Nothing`: the live revision is away, and may be back in a moment; or neither revision has a ready pod.
 */
export type Comparison = 'Live' | 'Last' | 'Nothing';

/** The share of what is counted while the live revision is away: it answers nothing. No step asks for so much. */
export const shareWithoutLive = 1;

export type Compared = Pick<Trial, 'observed' | 'candidate' | 'stable' | 'traffic' | 'now' | 'before'>;

/** Whether the candidate has all requests in place of the live revision. */
export const standsIn = ({ before }: Pick<Trial, 'before'>): boolean => before?.standIn?.since !== undefined;

const hasReadyPod = (observed: Trial['observed'], { revision }: { revision: string }) =>
  readyReplicas(workloadOf(observed.workloads, revision)) > 0;

const isMissed = (reach: Reach) => reach === 'Partly' || reach === 'Nowhere';

/** Why nothing can be asked of the live revision, in words: by its pods, or by the gateways, which find them later. */
export function awayBecause(compared: Compared): string | undefined {
  const { observed, stable, traffic } = compared;
  if (!stable || !hasReadyPod(observed, stable)) return 'no pod of the live revision is ready to compare with';
  if (isMissed(traffic.reachOf(stable.revision))) return 'a gateway pod finds no pod of the live revision by DNS yet';
  return standsIn(compared) ? 'the live revision gets no requests until it has been back for a while' : undefined;
}

/**
 * A pod that moves to another node is back within seconds. The live revision is away for long after the time after which a
 * candidate that lacks pods is taken back; since when it is away says the time that was begun then.
 * @param steps as they were kept. @param name of the step whose weight is in force.
 */
export function comparisonOf(compared: Compared, steps: readonly KeptStep[], name: string): Comparison {
  const { observed, candidate, now } = compared;
  if (awayBecause(compared) === undefined) return 'Live';
  const last = steps.at(-1);
  if (!hasReadyPod(observed, candidate) || last?.name !== name || last.share !== shareWithoutLive) return 'Nothing';
  const isLong = !last.guardrailOnly || now - last.startedAt >= guardrailLimits.notReadySeconds * 1000;
  return isLong ? 'Last' : 'Nothing';
}
