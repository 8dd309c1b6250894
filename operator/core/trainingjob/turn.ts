// One look at a TrainingJob: what every step of the planner reads, and the outcome that it hands back.
import type { TrainingJobReason } from '@sluice/crds/reasons.ts';
import type { TrainingJobSpec, TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { formatTime } from '../conditions.ts';
import type { Child, Instant, Manifest, MeasureRequest, PlannedEvent } from '../plan.ts';
import { type AttemptState, attemptState, impliedAttempt, jobOfAttempt } from './attempt.ts';
import type { TrainingJobObserved, TrainingJobSettings } from './observed.ts';

/** The status without what is derived from the outcome as a whole. */
export type Facts = Omit<TrainingJobStatus, 'observedGeneration' | 'conditions'>;

export type PhaseType =
  | 'Pending'
  | 'Running'
  | 'Retrying'
  | 'Stalled'
  /** What runs is not known. */
  | 'Unknown'
  /** Somebody else suspended the Job. */
  | 'Held'
  | 'Draining'
  | 'Suspended'
  | 'Complete'
  | 'Failed';

/** Where the job stands, in the words of its Ready condition. */
export type Phase = {
  readonly type: PhaseType;
  readonly reason: TrainingJobReason;
  readonly message: string;
  /** Of `Stalled`: what is missing may come by itself, so that the first minute counts as waiting. */
  readonly mayPass?: true;
};

/** An event beyond what the phase tells. */
export type News = PlannedEvent & { readonly reason: TrainingJobReason };

/** What a step decided. */
export type Outcome = {
  readonly facts: Facts;
  readonly phase: Phase;
  /** The current attempt's Job: made, or kept as it is. Absent: it is deleted unless retention keeps it. */
  readonly job?: 'Create' | 'Keep';
  readonly version?: Manifest | undefined;
  /** The numbers of the model with one more, to be written down before a version has it. */
  readonly numbers?: Child;
  readonly measure?: readonly MeasureRequest[];
  readonly news?: readonly News[];
  /** Whether the trainer still runs although the phase does not say so. */
  readonly stillRunning?: boolean;
  /** Nobody waits to hear of it: the state is expected to pass, and what was said before it still holds. */
  readonly passes?: true;
  /** Set in the one look that judges how the attempt ended. */
  readonly attemptJudged?: true | undefined;
  /** Seconds until something here changes by time alone. */
  readonly wakeSeconds?: readonly number[];
};

export type Turn = {
  readonly observed: TrainingJobObserved;
  readonly settings: TrainingJobSettings;
  readonly now: Instant;
  readonly spec: TrainingJobSpec;
  /** What we wrote last. */
  readonly status: TrainingJobStatus;
  /** What a step starts from: the facts of `status`, with the attempt and the newest retryToken taken note of. */
  readonly facts: Facts;
  /** Its number; 0 before the first one. */
  readonly attempt: number;
  readonly state: AttemptState;
  /** Whether somebody set a new spec.retryToken since the last look. */
  readonly retryAsked: boolean;
};

/** A step knows one situation; it is silent in every other. */
export type Step = (turn: Turn) => Outcome | undefined;

export function startTurn(observed: TrainingJobObserved, now: Instant, settings: TrainingJobSettings): Turn {
  const { spec, status = { observedGeneration: -1 } } = observed.trainingJob;
  const { observedGeneration: _, conditions: __, ...stored } = status;
  const attempt = status.attempt ?? impliedAttempt(observed);
  const begun = attempt > 0 && stored.attempt === undefined ? beginning(observed, attempt, now) : {};
  return {
    observed,
    settings,
    now,
    spec,
    status,
    facts: { ...stored, ...begun, retryToken: spec.retryToken },
    attempt,
    state: attemptState(observed, { attempt, status }, now),
    retryAsked: status.retryToken !== undefined && status.retryToken !== spec.retryToken,
  };
}

/** An attempt that no status tells of yet began with its Job. */
const beginning = (observed: TrainingJobObserved, attempt: number, now: Instant): Facts => ({
  attempt,
  attemptStartedAt: jobOfAttempt(observed, attempt)?.metadata.creationTimestamp ?? formatTime(now),
});
