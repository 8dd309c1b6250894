// Says why a revision's pods do not become ready, in an ordered chain of checks: the first that speaks wins.
import { bundleRejectedExitCode, bundleRejectionSchema } from '@sluice/crds/contract.ts';
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';
import { trueCondition } from '../pods/children.ts';
import type { ObservedContainer } from '../pods/observed.ts';
import { parseDocument } from '../pods/termination-message.ts';
import type { ObservedWorkload, ServerPod } from './observed.ts';
import { crashLoopReason, lastEnd, ownContainers, serverPodsOf } from './server-pods.ts';

export type Obstacle = { readonly reason: ModelDeploymentReason; readonly message: string };

type Check = (pod: ServerPod) => Obstacle | undefined;

const containersOf = ({ status }: ServerPod): readonly ObservedContainer[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** The init container refused the bundle and said why. */
const bundleRefused: Check = (pod) => {
  const end = containersOf(pod)
    .filter(({ name }) => name === ownContainers.fetch)
    .map(lastEnd)
    .find((each) => each?.exitCode === bundleRejectedExitCode);
  if (!end) return undefined;
  const unexplained = 'the bundle was refused; restore its files or serve another version';
  return parseDocument(end.message, bundleRejectionSchema) ?? { reason: 'BundleCorrupt', message: unexplained };
};

/** A container that others added to the pod, in words; nothing of our own. */
const foreign = ({ name }: ObservedContainer): string =>
  Object.values<string>(ownContainers).includes(name) ? '' : ` (container ${name}, which Sluice did not add)`;

const imageReasons = ['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'ErrImageNeverPull'];
const refusedReasons = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

const imageUnavailable: Check = (pod) => {
  const container = containersOf(pod).find(({ state }) => imageReasons.includes(state?.waiting?.reason ?? ''));
  if (!container) return undefined;
  return {
    reason: 'ServerNotStarting',
    message: foreign(container)
      ? `pod ${pod.metadata.name}${foreign(container)} cannot get image ${container.image ?? ''}`
      : `pod ${pod.metadata.name} cannot get image ${container.image ?? ''}; correct it in the chart's values`,
  };
};

const containerRefused: Check = (pod) => {
  const container = containersOf(pod).find(({ state }) => refusedReasons.includes(state?.waiting?.reason ?? ''));
  const waiting = container?.state?.waiting;
  return (
    waiting && {
      reason: 'ServerNotStarting',
      message: `pod ${pod.metadata.name}${foreign(container)}: ${waiting.message ?? waiting.reason ?? ''}`,
    }
  );
};

/** A container that ended badly more than once will not be better next time. */
const crashes: Check = (pod) => {
  const container = containersOf(pod).find(({ state }) => state?.waiting?.reason === crashLoopReason);
  if (!container) return undefined;
  const end = lastEnd(container);
  const why =
    end?.reason === 'OOMKilled' && !foreign(container)
      ? 'out of memory; raise server.resources.memory'
      : (end?.message ?? `exit code ${end?.exitCode ?? '?'}`);
  return { reason: 'ServerNotStarting', message: `pod ${pod.metadata.name}${foreign(container)} keeps ending: ${why}` };
};

const unschedulable: Check = ({ metadata, status }) => {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined;
  return { reason: 'ServerNotStarting', message: `no node takes pod ${metadata.name}: ${scheduled.message ?? ''}` };
};

const checks: readonly Check[] = [bundleRefused, imageUnavailable, containerRefused, crashes, unschedulable];

/** The Deployment controller could not even make pods: a quota, a policy, a ServiceAccount that is not there. */
function notCreated(workload: ObservedWorkload | undefined): Obstacle | undefined {
  const failure = trueCondition(workload?.status?.conditions, 'ReplicaFailure');
  return failure && { reason: 'ServerNotStarting', message: `its pods cannot be made: ${failure.message ?? ''}` };
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
  for (const check of checks) {
    const obstacle = own.map(check).find((each) => each !== undefined);
    if (obstacle) return obstacle;
  }
  return notCreated(workload);
}
