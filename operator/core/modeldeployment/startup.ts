// Says why a revision's pods do not become ready: a bundle that was refused, or what keeps any pod from it.
import { bundleRejectedExitCode, bundleRejectionSchema } from '@sluice/crds/contract.ts';
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';

import { shorten } from '../conditions.ts';

import { containersOf, lastEnd, startupProblem } from '../pods/startup.ts';

import { parseDocument } from '../pods/termination-message.ts';
import type { ObservedWorkload, ServerPod } from './observed.ts';
import { ownContainers, serverPodsOf } from './server-pods.ts';

export type Obstacle = { readonly reason: ModelDeploymentReason; readonly message: string };

/** The init container refused the bundle and said why. */
function bundleRefused(pod: ServerPod): Obstacle | undefined {
  const end = containersOf(pod)
    .filter(({ name }) => name === ownContainers.fetch)
    .map(lastEnd)
    .find((each) => each?.exitCode === bundleRejectedExitCode);
  if (!end) return undefined;
  const unexplained = 'the bundle was refused; restore its files or serve another version';
  return parseDocument(end.message, bundleRejectionSchema) ?? { reason: 'BundleCorrupt', message: unexplained };
}

/**
 * The kubelet took a pod away for the disk that it used: the next one would use as much. Pods that a node without room took
 * away are made anew elsewhere, and say nothing.
 */
function evicted(workload: ObservedWorkload | undefined, own: readonly ServerPod[]): Obstacle | undefined {
  const isShort = (workload?.status?.readyReplicas ?? 0) < (workload?.spec?.replicas ?? 1);
  const pod = own.find(({ status }) => status?.reason === 'Evicted' && overItsLimit.test(status.message ?? ''));
  if (pod === undefined || !isShort) return undefined;
  const why = shorten((pod.status?.message ?? '').trim().replace(/\.$/, ''), 100);
  const remedy = "set the version's bundle.bytes, or raise ephemeral-storage limits";
  return { reason: 'ServerNotStarting', message: `pod ${pod.metadata.name} was evicted: ${why}; ${remedy}` };
}

/** Of one emptyDir, of all containers, or of one container. */
const overItsLimit = /exceeds the (total )?limit|exceeded its local ephemeral storage limit/i;

/**
 * What keeps a revision's pods from becoming ready, if anything that waiting alone will not cure.
 * @param pods of all revisions.
 */
export function obstacleOf(
  revision: string,
  workload: ObservedWorkload | undefined,
  pods: readonly ServerPod[],
): Obstacle | undefined {
  const own = serverPodsOf(revision, pods);
  const refused = own.map(bundleRefused).find((each) => each !== undefined);
  if (refused) return refused;
  const message = startupProblem(workload, own, {
    memoryField: 'server.resources.memory',
    ownContainers: Object.values(ownContainers),
  });
  return message === undefined ? evicted(workload, own) : { reason: 'ServerNotStarting', message };
}
