// What the guardrail is told of a candidate: its pods, and the last seconds of its traffic.
import type { Proportion } from '@sluice/statistics/interval.ts';
import { formatTime, parseTime, secondsSince } from '../../conditions.ts';
import { type GuardrailEvidence, isSharedLoss, type PodCount } from '../../gates/guardrail.ts';
import type { Ledger } from '../../gates/ledger.ts';
import { recentTraffic } from '../../gates/recent.ts';
import { answeredOf } from '../../gates/traffic.ts';
import type { Instant } from '../../plan.ts';
import type { ObservedWorkload, ServerPod } from '../observed.ts';
import type { Evidence } from '../rollout/counters.ts';
import { crashesOf, serverPodsOf } from './server-pods.ts';

/** How many pods were ready at once, and since when fewer of them are while the live revision is better off. */
export type Readiness = { readonly warmReplicas: number; readonly notReadySince?: string | undefined };

/** Pods of the candidate that are ready, and those of the live revision if there is one. */
export type PodsNow = {
  readonly ready: number;
  /** As the spec asks. */
  readonly replicas: number;
  readonly live: PodCount | undefined;
  readonly now: Instant;
};

/**
 * Pods that were never ready are still loading, also while the deployment grows: only those that were ready are missed.
 * While the live revision misses as many, no time is counted; it begins anew when that one is better off.
 */
export function nextReadiness(before: Readiness | undefined, { ready, replicas, live, now }: PodsNow): Readiness {
  const warmReplicas = Math.max(Math.min(before?.warmReplicas ?? 0, replicas), Math.min(ready, replicas));
  if (ready >= warmReplicas || isSharedLoss({ ready, wanted: warmReplicas }, live)) return { warmReplicas };
  return { warmReplicas, notReadySince: before?.notReadySince ?? formatTime(now) };
}

export const readyReplicas = (workload: ObservedWorkload | undefined) => workload?.status?.readyReplicas ?? 0;

/** The pods that were ready and are missing, in words. */
export function missingPods({ ready, wanted }: PodCount, live: PodCount | undefined): string | undefined {
  if (ready >= wanted) return undefined;
  return `${ready} of ${wanted} pods are ready${live ? ` (live: ${live.ready} of ${live.wanted})` : ''}`;
}

/** Answers that were no numbers among all answers, over every step so far. */
const nonFiniteOf = ({ traffic: { steps } }: Evidence, side: 'candidate' | 'stable'): Proportion => ({
  successes: steps.reduce((sum, step) => sum + (step[side].nonFinite ?? 0), 0),
  trials: steps.reduce((sum, step) => sum + answeredOf(step[side]), 0),
});

export type Health = {
  readonly revision: string;
  /** The live revision, if there is one. */
  readonly stable: string | undefined;
  /** When the trial began. */
  readonly since: string;
  readonly workload: ObservedWorkload | undefined;
  readonly pods: readonly ServerPod[];
  readonly readiness: Readiness;
  readonly live: PodCount | undefined;
  readonly evidence: Evidence;
  readonly now: Instant;
};

export function guardrailEvidence(health: Health): GuardrailEvidence {
  const { workload, pods, readiness, live, evidence, now } = health;
  const crashes = (revision: string | undefined) =>
    revision === undefined ? 0 : crashesOf(serverPodsOf(revision, pods), { since: parseTime(health.since), now });
  const recent = ({ marks, steps }: Ledger) => recentTraffic(marks, steps.at(-1), now);
  const { candidate, stable } = recent(evidence.traffic);
  return {
    candidate,
    stable,
    unrouted: recent(evidence.unrouted).candidate,
    nonFinite: { candidate: nonFiniteOf(evidence, 'candidate'), stable: nonFiniteOf(evidence, 'stable') },
    crashes: { candidate: crashes(health.revision), stable: crashes(health.stable) },
    pods: {
      ready: readyReplicas(workload),
      wanted: readiness.warmReplicas,
      live,
      notReadySeconds: readiness.notReadySince === undefined ? 0 : secondsSince(readiness.notReadySince, now),
    },
  };
}
