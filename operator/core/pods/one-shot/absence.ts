// Whether anybody still knows what a pod does. When its node is away, its status stays as the kubelet wrote it last: it
// says Running for as long as it is there.
import { formatTime, parseTime } from '../../conditions.ts';
import type { Instant } from '../../plan.ts';
import { containerOf } from '../children.ts';
import type { ObservedPod } from '../observed.ts';

/** What is known of the node: it does not answer since then. */
export type Absence = { readonly node: string; readonly since: string };

/** A kubelet that is there ends a pod within its grace, after which its deletion is timed. */
const overdueMs = 60_000;

/** When the deletion of the pod, if it has not ended by then, will never end by itself. */
const goneAt = ({ metadata }: ObservedPod): Instant | undefined =>
  metadata.deletionTimestamp === undefined ? undefined : parseTime(metadata.deletionTimestamp) + overdueMs;

/** Whether the pod was deleted and nobody confirms its end: its node is away, and it may still run there. */
export function isOverdue(pod: ObservedPod, now: Instant): boolean {
  const at = goneAt(pod);
  return at !== undefined && now >= at;
}

/** Seconds until a pod that is being deleted is overdue. */
export function overdueInSeconds(pod: ObservedPod, now: Instant): readonly number[] {
  const at = goneAt(pod);
  return at === undefined || now >= at ? [] : [Math.ceil((at - now) / 1000)];
}

export const nodeOf = ({ spec }: ObservedPod): string => spec?.nodeName ?? 'unknown';

/**
 * The node controller takes `Ready` from the pods of a node that is silent, and gives no reason; a kubelet always gives
 * one, for example when a container that others added is not ready.
 */
export function absenceOf(pod: ObservedPod, container: string, now: Instant): Absence | undefined {
  const node = nodeOf(pod);
  if (isOverdue(pod, now)) return { node, since: pod.metadata.deletionTimestamp ?? formatTime(now) };
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  const since = ready?.lastTransitionTime ?? pod.metadata.creationTimestamp;
  if (pod.status?.phase === 'Unknown') return { node, since };
  if (ready === undefined || ready.status === 'True' || containerOf(pod, container)?.state?.running === undefined) {
    return undefined;
  }
  return (ready.reason ?? '') === '' || ready.reason?.startsWith('Node') ? { node, since } : undefined;
}
