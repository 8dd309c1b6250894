// Where a one-shot Job stands, read from the Job and its pods: not made, held back, waiting, running, ended, or lost. The
// end of our container is the end, whatever else is in the pod.
import { secondsSince } from '../../conditions.ts';
import type { Instant } from '../../plan.ts';
import { containerOf, jobFinishedAt, podFinishedAt, workHasEnded } from '../children.ts';
import type { ObservedJob, ObservedPod } from '../observed.ts';
import { type Absence, absenceOf, isOverdue, nodeOf } from './absence.ts';
import { type Ending, endingOf, lost, type OneShotFailure, pastDeadline } from './ending.ts';
import type { Program } from './program.ts';
import { isSuspended, laterOf, resumedAt, wentForSuspension } from './suspension.ts';

export type OneShotState<Result> =
  /** Neither Job nor pod. */
  | { readonly type: 'Absent' }
  /** Somebody else suspended the Job; `pod` is still stopping. */
  | { readonly type: 'Suspended'; readonly pod?: ObservedPod | undefined }
  /** `since`: when the Job was made, or went on after it was suspended. */
  | { readonly type: 'Waiting'; readonly pod?: ObservedPod | undefined; readonly since: string }
  | {
      readonly type: 'Running';
      readonly pod: ObservedPod;
      readonly startedAt: string;
      /** Its node does not answer: it ran when anybody last knew. */
      readonly absence?: Absence | undefined;
    }
  /** `endedAt` is when its work was over, where anybody knows. */
  | {
      readonly type: 'Ended';
      readonly ending: Ending<Result>;
      readonly pod?: ObservedPod | undefined;
      readonly endedAt?: string | undefined;
    };

export type OneShotObserved = {
  readonly job: ObservedJob | undefined;
  /** The pods of that Job, newest first. */
  readonly pods: readonly ObservedPod[];
  /** Since when it is known to have run: without a trace of it then, it was lost. */
  readonly ranSince?: string | undefined;
};

/** Pods and Jobs come from different watches: a finished Job whose pod is not there may only be seen too early. */
export const lostAfterSeconds = 5;

/** A pod with a result counts before any other, whatever became of its Job. */
export function oneShotState<Result>(
  observed: OneShotObserved,
  program: Program<Result>,
  now: Instant,
): OneShotState<Result> {
  const { job, pods } = observed;
  const isOver = (one: ObservedPod) => workHasEnded(one, program.container);
  const good = pods.find((one) => isOver(one) && endingOf(one, program).type === 'Result');
  if (good === undefined && job !== undefined && isSuspended(job)) {
    return { type: 'Suspended', pod: pods.find((one) => !isOver(one)) };
  }
  const pod = good ?? pods.find((one) => !wentForSuspension(one, job));
  if (pod === undefined) return withoutPod(observed, now);
  if (isOver(pod))
    return { type: 'Ended', ending: endingOf(pod, program, job), pod, endedAt: endOf(pod, program, job) };
  if (isOverdue(pod, now)) return { type: 'Ended', ending: { ...lostNode(pod), pod: pod.metadata.name }, pod };
  const running = containerOf(pod, program.container)?.state?.running;
  if (running === undefined) return { type: 'Waiting', pod, since: startOfWait(pod, job) };
  const startedAt = running.startedAt ?? pod.metadata.creationTimestamp;
  return { type: 'Running', pod, startedAt, absence: absenceOf(pod, program.container, now) };
}

const startOfWait = ({ metadata }: ObservedPod | ObservedJob, job: ObservedJob | undefined) =>
  laterOf(job?.metadata.creationTimestamp ?? metadata.creationTimestamp, resumedAt(job));

const endOf = (pod: ObservedPod, { container }: Program<unknown>, job: ObservedJob | undefined) =>
  containerOf(pod, container)?.state?.terminated?.finishedAt ?? podFinishedAt(pod) ?? (job && jobFinishedAt(job));

const lostNode = (pod: ObservedPod): OneShotFailure =>
  lost(`pod ${pod.metadata.name} was deleted and node ${nodeOf(pod)} does not confirm its end`);

function withoutPod({ job, ranSince }: OneShotObserved, now: Instant): OneShotState<never> {
  if (job === undefined) {
    return ranSince === undefined
      ? { type: 'Absent' }
      : { type: 'Ended', ending: lost('its Job was deleted while it ran') };
  }
  const ran = ranSince !== undefined && laterOf(ranSince, resumedAt(job)) === ranSince;
  const finishedAt = jobFinishedAt(job);
  if (ran || (finishedAt !== undefined && secondsSince(finishedAt, now) >= lostAfterSeconds)) {
    return { type: 'Ended', ending: lostWith(job), endedAt: finishedAt };
  }
  return { type: 'Waiting', since: startOfWait(job, job) };
}

function lostWith(job: ObservedJob): OneShotFailure {
  const late = pastDeadline(job);
  return late === undefined ? lost('its pod was deleted before its result was read') : { type: 'Failure', ...late };
}
