// The attempts of a TrainingJob, each a one-shot Job: which are there, and what became of the current one.
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { parseTime, secondsSince } from '../conditions.ts';
import { attemptName, labels } from '../names.ts';
import type { Instant } from '../plan.ts';
import { containerOf, controllerOf, jobFinishedAt, podsOfJob, workHasEnded } from '../pods/children.ts';
import type { ObservedJob, ObservedPod } from '../pods/observed.ts';
import type { OneShotFailure } from '../pods/one-shot/ending.ts';
import { type OneShotState, oneShotState } from '../pods/one-shot/state.ts';
import type { TrainingJobObserved } from './observed.ts';
import { type Success, trainer } from './trainer.ts';

export type AttemptState = OneShotState<Success>;
export type AttemptFailure = OneShotFailure;

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
  ownPods(observed).filter((pod) => !workHasEnded(pod, trainer.container));

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
  const sight = {
    job: jobOfAttempt(observed, attempt),
    pods: podsOfAttempt(observed, attempt),
    ranSince: runningSince(status),
  };
  return oneShotState(sight, trainer, now);
}

/** Since when the trainer ran when the status was written. */
export const runningSince = ({ conditions }: TrainingJobStatus): string | undefined =>
  conditions?.find(({ type, status }) => type === 'Running' && status === 'True')?.lastTransitionTime;

/** Seconds that the trainer of a pod ran; undefined when it never started. */
export function ranSeconds(pod: ObservedPod | undefined, since: string | undefined, now: Instant): number | undefined {
  const state = pod && containerOf(pod, trainer.container)?.state;
  const start = state?.terminated?.startedAt ?? state?.running?.startedAt ?? since;
  if (start === undefined) return undefined;
  const end = state?.terminated?.finishedAt;
  return secondsSince(start, end === undefined ? now : parseTime(end));
}
