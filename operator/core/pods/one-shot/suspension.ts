// Jobs that somebody else holds back by `suspend: true`, such as a queue. Kubernetes then deletes the pods of the Job, and
// makes new ones when it is taken back: neither is an end.
import { parseTime } from '../../conditions.ts';
import type { ObservedJob, ObservedPod } from '../observed.ts';

const suspension = ({ status }: ObservedJob) => status?.conditions?.find(({ type }) => type === 'Suspended');

/** Whether the Job is held back; until the Job controller has said that it goes on, its pods may still be going. */
export const isSuspended = (job: ObservedJob): boolean =>
  job.spec?.suspend === true || suspension(job)?.status === 'True';

/** When the Job went on after it was held back last. */
export function resumedAt(job: ObservedJob | undefined): string | undefined {
  const condition = job && suspension(job);
  return condition?.status === 'False' ? condition.lastTransitionTime : undefined;
}

/** Whether the pod had to go because its Job was held back, and says nothing of how the work ended. */
export function wentForSuspension({ metadata }: ObservedPod, job: ObservedJob | undefined): boolean {
  const resumed = resumedAt(job);
  if (metadata.deletionTimestamp === undefined || resumed === undefined) return false;
  return parseTime(metadata.creationTimestamp) < parseTime(resumed);
}

/** The later of two moments, of which the second may not have come. */
export const laterOf = (time: string, other: string | undefined): string =>
  other !== undefined && parseTime(other) > parseTime(time) ? other : time;
