// The TrainingJob planner: an ordered list of situations; the first that applies decides, and one place turns its outcome
// into the plan.
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { attemptName } from '../names.ts';
import type { Child, Instant, Plan } from '../plan.ts';
import { InvariantError, wakeIn } from '../plan.ts';
import { jobIdentity } from '../pods/one-shot/job.ts';
import { betweenAttempts, endedAttempt } from './failure.ts';
import { finished } from './finished.ts';
import { attemptJob } from './job.ts';
import type { TrainingJobObserved, TrainingJobSettings } from './observed.ts';
import { heldBack, pending, running, unstarted } from './progressing.ts';
import { succeeded } from './publish.ts';
import { type Retention, retainedJobs } from './retention.ts';
import { eventsOf, isProgressOnly, statusOf } from './status.ts';
import { resumed, suspended } from './suspend.ts';
import { type Outcome, type Step, startTurn, type Turn } from './turn.ts';

/** Situations, the most final first. A result that was read counts more than a wish to suspend. */
const steps: readonly Step[] = [
  finished,
  succeeded,
  suspended,
  resumed,
  betweenAttempts,
  heldBack,
  endedAttempt,
  unstarted,
  pending,
  running,
];

/**
 * Plans one TrainingJob.
 * @param now when it is looked at; nothing here has a clock
 */
export function planTrainingJob(
  observed: TrainingJobObserved,
  now: Instant,
  settings: TrainingJobSettings,
): Plan<TrainingJobStatus> {
  const turn = startTurn(observed, now, settings);
  if (observed.trainingJob.metadata.deletionTimestamp !== undefined) {
    return { desired: [], status: turn.status, events: [], measure: [] };
  }
  const outcome = decide(turn);
  const status = statusOf(turn, outcome);
  const events = eventsOf(turn, outcome);
  const canWait = outcome.passes === true || (events.length === 0 && isProgressOnly(turn.status, status));
  const retention = retainedJobs(observed, now);
  const wake = [
    ...(outcome.wakeSeconds ?? []),
    ...(retention.nextSeconds === undefined ? [] : [retention.nextSeconds]),
  ];
  return {
    desired: children(turn, outcome, retention),
    status,
    events,
    measure: outcome.measure ?? [],
    ...(canWait ? { statusCanWait: true } : {}),
    ...wakeIn(wake),
  };
}

function decide(turn: Turn): Outcome {
  for (const step of steps) {
    const outcome = step(turn);
    if (outcome !== undefined) return outcome;
  }
  throw new InvariantError(`no situation fits attempt ${turn.attempt} in state ${turn.state.type}`);
}

function children(turn: Turn, { job, version, numbers }: Outcome, { kept }: Retention): Child[] {
  const { observed, attempt, settings } = turn;
  const { name, namespace } = observed.trainingJob.metadata;
  const current = attemptName(name, attempt);
  const retained = job === 'Keep' ? [...new Set([...kept, current])] : kept;
  return [
    ...retained.map((jobName): Child => ({ manifest: jobIdentity(jobName, namespace), lifetime: 'Retained' })),
    ...(job === 'Create'
      ? [{ manifest: attemptJob(observed.trainingJob, attempt, settings), lifetime: 'CreateOnce' } satisfies Child]
      : []),
    ...(numbers === undefined ? [] : [numbers]),
    ...(version === undefined ? [] : [{ manifest: version, lifetime: 'Independent' } satisfies Child]),
  ];
}
