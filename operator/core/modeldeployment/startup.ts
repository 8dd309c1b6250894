// Says why a revision's pods do not become ready: a bundle that was refused, or what keeps any pod from it.
import { bundleRejectedExitCode, bundleRejectionSchema } from '@sluice/crds/contract.ts';
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';
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
  return message === undefined ? undefined : { reason: 'ServerNotStarting', message };
}
