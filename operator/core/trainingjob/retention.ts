// Keeps the Jobs of attempts that are over, with their pods and logs, for retention.podsSeconds.
import { parseTime } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import { hasEnded, jobFinishedAt, podFinishedAt, podsOfJob } from '../pods/children.ts';
import type { ObservedJob } from '../pods/observed.ts';
import { ownJobs } from './attempt.ts';
import type { TrainingJobObserved } from './observed.ts';

export type Retention = {
  /** Names of the Jobs that are kept. */
  readonly kept: readonly string[];
  /** When the first of them is no longer kept. */
  readonly nextSeconds?: number | undefined;
};

/** A Job that has not finished is not kept by this: whoever wants it to go on says so. */
export function retainedJobs(observed: TrainingJobObserved, now: Instant): Retention {
  const { podsSeconds } = observed.trainingJob.spec.retention;
  const kept = ownJobs(observed).flatMap((job) => {
    const finishedAt = finishTime(job, observed);
    const seconds = finishedAt === undefined ? 0 : podsSeconds - Math.max(0, (now - parseTime(finishedAt)) / 1000);
    return seconds > 0 ? [{ name: job.metadata.name, seconds }] : [];
  });
  return {
    kept: kept.map(({ name }) => name),
    nextSeconds: kept.length === 0 ? undefined : Math.ceil(Math.min(...kept.map(({ seconds }) => seconds))),
  };
}

/** The Job controller's word, or, in the seconds before it, the end of the Job's last pod. */
function finishTime(job: ObservedJob, { pods }: TrainingJobObserved): string | undefined {
  const own = podsOfJob(pods, job.metadata);
  if (own.some((pod) => !hasEnded(pod))) return undefined;
  return (
    jobFinishedAt(job) ??
    own
      .flatMap((pod) => podFinishedAt(pod) ?? [])
      .toSorted()
      .at(-1)
  );
}
