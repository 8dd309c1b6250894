// Keeps the Jobs of attempts that are over, with their pods and logs, for retention.podsSeconds.
import { parseTime } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import { containerOf, hasEnded, jobFinishedAt, podsOfJob, workHasEnded } from '../pods/children.ts';
import type { ObservedJob, ObservedPod } from '../pods/observed.ts';
import { ownJobs } from './attempt.ts';
import type { TrainingJobObserved } from './observed.ts';
import { trainer } from './trainer.ts';

export type Retention = {
  /** Names of the Jobs that are kept. */
  readonly kept: readonly string[];
  /** When the first of them is no longer kept. */
  readonly nextSeconds?: number | undefined;
};

/**
 * What a pod runs on for after our container has ended, in which sidecars that follow it may end as well. Then it goes,
 * and its log with it: only pods that have ended are kept.
 */
const sidecarSeconds = 10;

/** A Job whose trainer has not ended is not kept by this: whoever wants it to go on says so. */
export function retainedJobs(observed: TrainingJobObserved, now: Instant): Retention {
  const { podsSeconds } = observed.trainingJob.spec.retention;
  const kept = ownJobs(observed).flatMap((job) => {
    const own = podsOfJob(observed.pods, job.metadata);
    const finishedAt = finishTime(job, own);
    if (finishedAt === undefined) return [];
    const lasting = own.every(hasEnded) ? podsSeconds : Math.min(sidecarSeconds, podsSeconds);
    const seconds = lasting - Math.max(0, (now - parseTime(finishedAt)) / 1000);
    return seconds > 0 ? [{ name: job.metadata.name, seconds }] : [];
  });
  return {
    kept: kept.map(({ name }) => name),
    nextSeconds: kept.length === 0 ? undefined : Math.ceil(Math.min(...kept.map(({ seconds }) => seconds))),
  };
}

/** The Job controller's word, or, before it, the end of the last trainer. */
function finishTime(job: ObservedJob, own: readonly ObservedPod[]): string | undefined {
  if (own.some((pod) => !workHasEnded(pod, trainer.container))) return undefined;
  const ends = own.flatMap((pod) => containerOf(pod, trainer.container)?.state?.terminated?.finishedAt ?? []);
  return jobFinishedAt(job) ?? ends.toSorted().at(-1);
}
