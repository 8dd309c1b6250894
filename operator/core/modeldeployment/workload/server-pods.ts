// Which pods serve a revision, and whether a container of one keeps ending. Each pod bears the facts itself, so whoever
// looks, also after a restart, sees the same.
import { parseTime } from '../../conditions.ts';
import { labels } from '../../names.ts';
import type { Instant } from '../../plan.ts';
import { containerOf } from '../../pods/children.ts';
import type { ContainerEnd, ObservedContainer } from '../../pods/observed.ts';
import { crashLoopReason, lastEnd } from '../../pods/startup.ts';
import type { ServerPod } from '../observed.ts';
import { revisionLabel } from '../revision/revision.ts';

/** The pod of an evaluation bears the labels of the revision that it asks, too. */
const isEvaluator = ({ metadata }: ServerPod) => metadata.labels?.[labels.component] === 'evaluator';

/** The server pods of a revision, but for those that are told to end. @param pods of all revisions. */
export const serverPodsOf = (revision: string, pods: readonly ServerPod[]): ServerPod[] =>
  pods.filter(
    (pod) => !isEvaluator(pod) && revisionLabel(pod) === revision && pod.metadata.deletionTimestamp === undefined,
  );

/** A container that runs so long is not in a loop: the kubelet, too, forgets by then what was before. */
const forgottenMs = 600_000;

/** A container that could not be started began in 1970, or before. */
function wasBrief({ startedAt, finishedAt = '' }: ContainerEnd): boolean {
  const began = startedAt === undefined ? 0 : parseTime(startedAt);
  return began <= 0 || parseTime(finishedAt) - began < forgottenMs;
}

type Window = { readonly since: Instant; readonly now: Instant };

function endsInLoop(container: ObservedContainer, { since, now }: Window): number {
  const end = lastEnd(container);
  if (end?.finishedAt === undefined || !wasBrief(end)) return 0;
  const endedAt = parseTime(end.finishedAt);
  if (endedAt <= since || now - endedAt >= forgottenMs) return 0;
  const isDown = container.state?.terminated !== undefined || container.state?.waiting?.reason === crashLoopReason;
  return (container.restartCount ?? 0) + (isDown ? 1 : 0);
}

/** Our containers of a server pod: the one that fetches the bundle, and the server. Others may have added more. */
export const ownContainers = { fetch: 'fetch', server: 'server' } as const;

/**
 * How often the server that ends most has ended, of those that are in a loop: whose last end came after `since` and
 * within ten minutes of its start, and which has not run for ten minutes since. 0 when none is. A container that others
 * added is no fault of the model.
 */
export const crashesOf = (pods: readonly ServerPod[], window: Window): number =>
  Math.max(
    0,
    ...pods
      .flatMap((pod) => containerOf(pod, ownContainers.server) ?? [])
      .map((container) => endsInLoop(container, window)),
  );
