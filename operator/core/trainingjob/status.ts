// Puts the whole status together: the facts, the seconds that attempts ran, and the conditions of the status contract.
import { isSameJson } from '@sluice/crds/canonical-json.ts';
import { type ReasonPlace, reasons } from '@sluice/crds/reasons.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { mergeConditions, type Statement, withoutMessage } from '../conditions.ts';
import { addCount } from '../counts.ts';
import type { PlannedEvent } from '../plan.ts';
import { containerOf } from '../pods/children.ts';
import { ranSeconds, runningSince } from './attempt.ts';
import { trainer } from './trainer.ts';
import type { Outcome, Phase, PhaseType, Turn } from './turn.ts';

export function statusOf(turn: Turn, outcome: Outcome): TrainingJobStatus {
  const { generation } = turn.observed.trainingJob.metadata;
  if (isUntold(turn, outcome)) return asBefore(turn, generation);
  const facts = {
    ...outcome.facts,
    startedAt: outcome.facts.startedAt ?? (outcome.attemptJudged && startOf(turn)),
    activeSeconds: activeSeconds(turn, outcome),
  };
  return {
    observedGeneration: generation,
    ...withoutAbsent(facts),
    conditions: mergeConditions(turn.status.conditions, statements(turn, outcome), { generation, now: turn.now }),
  };
}

/** Whether `after` tells nothing new but how far training is, which moves all the time, and the sentences that say it. */
export const isProgressOnly = (before: TrainingJobStatus, after: TrainingJobStatus): boolean =>
  isSameJson(withoutProgress(before), withoutProgress(after));

function withoutProgress({ progress: _, conditions, ...facts }: TrainingJobStatus): object {
  return { ...facts, conditions: conditions?.map(withoutMessage) };
}

/** Of what passes only the first word of all is told. */
const isUntold = ({ status }: Turn, { passes }: Outcome) => passes === true && status.conditions !== undefined;

const asBefore = ({ status, facts }: Turn, generation: number): TrainingJobStatus => ({
  ...status,
  observedGeneration: generation,
  retryToken: facts.retryToken,
  conditions: status.conditions?.map((condition) => ({ ...condition, observedGeneration: generation })),
});

/** The news of this look, with an attempt that begins; and one event when Ready speaks of something else than before. */
export function eventsOf(turn: Turn, outcome: Outcome): readonly PlannedEvent[] {
  const { facts, phase, news = [] } = outcome;
  const isBegun = facts.attempt !== turn.status.attempt && starting.includes(phase.type);
  const told: PlannedEvent[] = isBegun
    ? [...news, { type: 'Normal', reason: 'AttemptStarted', message: `attempt ${facts.attempt} begins.` }]
    : [...news];
  const before = turn.status.conditions?.find(({ type }) => type === 'Ready');
  const places: readonly ReasonPlace[] = reasons.TrainingJob[phase.reason].on;
  if (isUntold(turn, outcome) || before?.reason === phase.reason || !places.includes('Event')) return told;
  const type = warned.includes(phase.type) || phase.reason === 'Unschedulable' ? 'Warning' : 'Normal';
  return [...told, { type, reason: phase.reason, message: phase.message }];
}

const warned: readonly PhaseType[] = ['Stalled', 'Failed', 'Retrying', 'Unknown'];
const starting: readonly PhaseType[] = ['Pending', 'Running', 'Stalled'];
const reconciling: readonly PhaseType[] = ['Pending', 'Running', 'Retrying', 'Draining', 'Unknown'];
const admissible: readonly PhaseType[] = ['Pending', 'Running', 'Stalled', 'Draining', 'Unknown', 'Held'];

const unknown: readonly PhaseType[] = ['Draining', 'Suspended', 'Unknown', 'Held'];

function statements(turn: Turn, { phase, stillRunning = false }: Outcome): Statement[] {
  const { type, message, mayPass } = phase;
  const say = (condition: string, status: Statement['status']): Statement => ({
    type: condition,
    status,
    reason: phase.reason,
    message,
  });
  return [
    say('Ready', ready(type)),
    ...(reconciling.includes(type) ? [say('Reconciling', 'True')] : []),
    ...(type === 'Stalled' || type === 'Failed'
      ? [{ ...say('Stalled', 'True'), ...(mayPass ? { mayPass } : {}) }]
      : []),
    ...(admissible.includes(type) ? [admitted(turn, phase)] : []),
    stillRunning
      ? { type: 'Running', status: 'True', reason: 'Running', message: `attempt ${turn.attempt} trains.` }
      : { type: 'Running', status: 'False', reason: 'NotRunning', message: 'no trainer of the job runs.' },
    ...(type === 'Complete' || type === 'Failed' ? [say(type, 'True')] : []),
    ...(type === 'Draining' || type === 'Suspended' ? [say('Suspended', type === 'Suspended' ? 'True' : 'False')] : []),
  ];
}

function ready(type: PhaseType): Statement['status'] {
  if (type === 'Complete') return 'True';
  return unknown.includes(type) ? 'Unknown' : 'False';
}

/** Admitted: the scheduler, and the queue before it, gave the pod a node. */
function admitted({ state }: Turn, { reason, message }: Phase): Statement {
  const pod = state.type === 'Waiting' || state.type === 'Running' ? state.pod : undefined;
  const node = pod?.spec?.nodeName;
  if (pod !== undefined && node !== undefined) {
    return {
      type: 'Admitted',
      status: 'True',
      reason: 'Admitted',
      message: `pod ${pod.metadata.name} is on node ${node}.`,
    };
  }
  const known = heldFrom.find((name) => name === reason) ?? 'PodPending';
  return { type: 'Admitted', status: 'False', reason: known, message };
}

/** Reasons why a pod has no node. */
const heldFrom = ['Unschedulable', 'SchedulingGated', 'JobSuspended'] as const;

/** Counted when the trainer stops running, and for an attempt that came and went between two looks. */
function activeSeconds(turn: Turn, { facts, stillRunning, attemptJudged }: Outcome): number | undefined {
  const since = runningSince(turn.status);
  if (stillRunning || (since === undefined && attemptJudged === undefined)) return facts.activeSeconds;
  const pod = turn.state.type === 'Ended' || turn.state.type === 'Running' ? turn.state.pod : undefined;
  const ran = ranSeconds(pod, since, turn.now);
  return ran === undefined ? facts.activeSeconds : addCount(facts.activeSeconds ?? 0, ran);
}

/** When the trainer of an attempt began that was never seen running. */
const startOf = ({ state }: Turn): string | undefined =>
  state.type === 'Ended' && state.pod
    ? containerOf(state.pod, trainer.container)?.state?.terminated?.startedAt
    : undefined;

const withoutAbsent = <Facts extends object>(facts: Facts): Facts => {
  const present: Facts = { ...facts };
  for (const key in present) if (present[key] === undefined) delete present[key];
  return present;
};
