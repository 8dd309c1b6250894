// Shared reading of Jobs and pods: who owns them, whether they are over, since when.
import type { OwnerReference } from '../plan.ts';
import type { ObservedCondition, ObservedContainer, ObservedJob, ObservedMetadata, ObservedPod } from './observed.ts';

export const controllerOf = (object: { readonly metadata: ObservedMetadata }): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find(({ controller }) => controller === true);

/** The condition of that type while it is True. */
export const trueCondition = (
  conditions: readonly ObservedCondition[] | undefined,
  type: string,
): ObservedCondition | undefined =>
  conditions?.find((condition) => condition.type === type && condition.status === 'True');

export const containerOf = (pod: ObservedPod, name: string): ObservedContainer | undefined =>
  pod.status?.containerStatuses?.find((container) => container.name === name);

/** Whether the pod is over for good; it stays to be seen. One whose container ended may still begin again. */
export const isTerminal = ({ status }: ObservedPod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Whether nothing of the pod runs or will ever run again: it is terminal, or all of its containers have ended. */
export function hasEnded(pod: ObservedPod): boolean {
  if (isTerminal(pod)) return true;
  const containers = pod.status?.containerStatuses ?? [];
  return containers.length > 0 && containers.every(({ state }) => state?.terminated !== undefined);
}

/**
 * Whether our container of a pod that is never restarted is over for good. Others may have added containers that run on:
 * they change nothing of what ours came to.
 */
export const workHasEnded = (pod: ObservedPod, container: string): boolean =>
  isTerminal(pod) || containerOf(pod, container)?.state?.terminated !== undefined;

/** When the Job became Complete or Failed, by the Job controller's word. */
export function jobFinishedAt(job: ObservedJob): string | undefined {
  const conditions = job.status?.conditions;
  return (trueCondition(conditions, 'Complete') ?? trueCondition(conditions, 'Failed'))?.lastTransitionTime;
}

/** The pods of a Job, newest first. A Job that is gone has its pods known by its name. */
export const podsOfJob = (pods: readonly ObservedPod[], job: { name: string; uid?: string | undefined }) =>
  pods
    .filter((pod) => {
      const owner = controllerOf(pod);
      return owner?.kind === 'Job' && owner.name === job.name && (job.uid === undefined || owner.uid === job.uid);
    })
    .toSorted((a, b) => compare(b.metadata.creationTimestamp, a.metadata.creationTimestamp));

/** When the last container of an ended pod finished. */
export function podFinishedAt(pod: ObservedPod): string | undefined {
  const times = (pod.status?.containerStatuses ?? []).flatMap(({ state }) => state?.terminated?.finishedAt ?? []);
  return times.toSorted(compare).at(-1);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
