// What became of the current attempt, read from its Job and pods: not started, pending, running, or ended.
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { parseTime, secondsSince } from '../conditions.ts';
import { attemptName, labels } from '../names.ts';
import type { Instant } from '../plan.ts';
import { containerOf, controllerOf, hasEnded, jobFinishedAt, podsOfJob } from '../pods/children.ts';
import type { ObservedJob, ObservedPod } from '../pods/observed.ts';
import { classifyPod, type Ending, lostAttempt } from './classify.ts';
import { trainerContainer } from './job.ts';
import type { TrainingJobObserved } from './observed.ts';

export type AttemptState =
  /** Neither Job nor pod: the Job is still to be made. */
  | { readonly type: 'Unstarted' }
  | { readonly type: 'Pending'; readonly pod?: ObservedPod | undefined }
  | { readonly type: 'Running'; readonly pod: ObservedPod; readonly startedAt: string }
  | { readonly type: 'Ended'; readonly ending: Ending; readonly pod?: ObservedPod | undefined };

/** Pods and Jobs come from different watches: a finished Job whose pod is not there may only be seen too early. */
const lostAfterSeconds = 5;

export const ownJobs = ({ trainingJob, jobs }: TrainingJobObserved): readonly ObservedJob[] =>
  jobs.filter((job) => controllerOf(job)?.uid === trainingJob.metadata.uid);

export const jobOfAttempt = (observed: TrainingJobObserved, attempt: number): ObservedJob | undefined =>
  ownJobs(observed).find(({ metadata }) => metadata.name === attemptName(observed.trainingJob.metadata.name, attempt));

export function podsOfAttempt(observed: TrainingJobObserved, attempt: number): readonly ObservedPod[] {
  const name = attemptName(observed.trainingJob.metadata.name, attempt);
  return podsOfJob(ownPods(observed), { name, uid: jobOfAttempt(observed, attempt)?.metadata.uid });
}

/** Pods of any attempt that may still run. */
export const livePods = (observed: TrainingJobObserved): readonly ObservedPod[] =>
  ownPods(observed).filter((pod) => !hasEnded(pod));

/** Jobs of any attempt that may still run, or still make a pod. */
export const unfinishedJobs = (observed: TrainingJobObserved): readonly ObservedJob[] =>
  ownJobs(observed).filter((job) => jobFinishedAt(job) === undefined);

/** Pods that a Job of ours made. Our uid is on them, so those of an earlier TrainingJob with this name are not ours. */
const ownPods = ({ trainingJob, pods }: TrainingJobObserved): readonly ObservedPod[] =>
  pods.filter(
    (pod) =>
      pod.metadata.labels?.[labels.trainingJobUid] === trainingJob.metadata.uid && controllerOf(pod)?.kind === 'Job',
  );

/**
 * The attempt of a job whose status names none. A job begins with its first attempt, and needs no status for it: nobody
 * else can have the name of its Job. One that is suspended from the start has none.
 */
export function impliedAttempt(observed: TrainingJobObserved): 0 | 1 {
  const { spec, status } = observed.trainingJob;
  const isHeldBack = spec.suspend || status?.conditions?.some(({ type }) => type === 'Suspended');
  return isHeldBack && jobOfAttempt(observed, 1) === undefined ? 0 : 1;
}

/** What became of an attempt. @param status what we wrote last */
export function attemptState(
  observed: TrainingJobObserved,
  { attempt, status }: { readonly attempt: number; readonly status: TrainingJobStatus },
  now: Instant,
): AttemptState {
  const pods = podsOfAttempt(observed, attempt);
  const pod = pods.find(isSuccess) ?? pods[0];
  if (pod === undefined) return withoutPod(jobOfAttempt(observed, attempt), wasRunning(status), now);
  if (hasEnded(pod)) return { type: 'Ended', ending: classifyPod(pod), pod };
  const running = containerOf(pod, trainerContainer)?.state?.running;
  if (running === undefined) return { type: 'Pending', pod };
  return { type: 'Running', pod, startedAt: running.startedAt ?? pod.metadata.creationTimestamp };
}

/** Whether the trainer ran when the status was written. */
export const wasRunning = (status: TrainingJobStatus): boolean => runningSince(status) !== undefined;

/** Since when the trainer ran when the status was written. */
export const runningSince = ({ conditions }: TrainingJobStatus): string | undefined =>
  conditions?.find(({ type, status }) => type === 'Running' && status === 'True')?.lastTransitionTime;

/** Seconds that the trainer of a pod ran; undefined when it never started. */
export function ranSeconds(pod: ObservedPod | undefined, since: string | undefined, now: Instant): number | undefined {
  const state = pod && containerOf(pod, trainerContainer)?.state;
  const start = state?.terminated?.startedAt ?? state?.running?.startedAt ?? since;
  if (start === undefined) return undefined;
  const end = state?.terminated?.finishedAt;
  return secondsSince(start, end === undefined ? now : parseTime(end));
}

const isSuccess = (pod: ObservedPod) => hasEnded(pod) && classifyPod(pod).type === 'Success';

function withoutPod(job: ObservedJob | undefined, ran: boolean, now: Instant): AttemptState {
  if (job === undefined) {
    return ran ? { type: 'Ended', ending: lostAttempt('its Job was deleted while it ran') } : { type: 'Unstarted' };
  }
  const finishedAt = jobFinishedAt(job);
  if (ran || (finishedAt !== undefined && secondsSince(finishedAt, now) >= lostAfterSeconds)) {
    return { type: 'Ended', ending: lostAttempt('its pod was deleted before its result was read') };
  }
  return { type: 'Pending' };
}
