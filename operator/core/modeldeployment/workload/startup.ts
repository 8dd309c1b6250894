// Says why a revision's pods do not become ready: a bundle that was refused, or what keeps any pod from it.
import { bundleRejectedExitCode, bundleRejectionSchema } from '@sluice/crds/contract.ts';
import { secondsSince, shorten } from '../../conditions.ts';
import type { Obstacle } from '../../obstacle.ts';
import type { Instant } from '../../plan.ts';
import { trueCondition } from '../../pods/children.ts';
import type { ObservedContainer } from '../../pods/observed.ts';
import { containersOf, isKeptFromRunning, lastEnd, startupProblem } from '../../pods/startup.ts';
import { parseDocument } from '../../pods/termination-message.ts';
import type { ObservedWorkload, ServerPod } from '../observed.ts';
import { ownContainers, serverPodsOf } from './server-pods.ts';

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

/** A pod that has run for so long without becoming ready does not become ready by itself. */
const longestStartSeconds = 600;

function neverReady(pod: ServerPod, now: Instant): Obstacle | undefined {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  const isRunning = containersOf(pod).some(({ state }) => state?.running !== undefined);
  const since = ready?.status === 'False' ? ready.lastTransitionTime : undefined;
  if (!isRunning || since === undefined || secondsSince(since, now) < longestStartSeconds) return undefined;
  return {
    reason: 'ServerNotStarting',
    message: `pod ${pod.metadata.name} has run for more than ${longestStartSeconds} s and is not ready; see kubectl logs`,
  };
}

const hasRun = (container: ObservedContainer) =>
  container.state?.running !== undefined || lastEnd(container) !== undefined;

/** Its node goes, or it is evicted: it is made anew elsewhere. */
const isDisrupted = ({ status }: ServerPod) => trueCondition(status?.conditions, 'DisruptionTarget') !== undefined;

/** Whether a pod of the revision runs, or has run, and is not ready, for no reason of the cluster's. */
export const runsInVain = (revision: string, pods: readonly ServerPod[]): boolean =>
  serverPodsOf(revision, pods).some(
    (pod) =>
      trueCondition(pod.status?.conditions, 'Ready') === undefined &&
      containersOf(pod).some(hasRun) &&
      !isDisrupted(pod) &&
      !isKeptFromRunning(pod),
  );

export type Seen = {
  readonly workload: ObservedWorkload | undefined;
  /** Of all revisions. */
  readonly pods: readonly ServerPod[];
  readonly now: Instant;
};

/** What keeps a revision's pods from becoming ready, if anything that waiting alone will not cure. */
export function obstacleOf(revision: string, { workload, pods, now }: Seen): Obstacle | undefined {
  const own = serverPodsOf(revision, pods);
  const refused = own.map(bundleRefused).find((each) => each !== undefined);
  if (refused) return refused;
  const message = startupProblem(workload, own, {
    memoryField: 'server.resources.memory',
    ownContainers: Object.values(ownContainers),
  });
  if (message !== undefined) return { reason: 'ServerNotStarting', message };
  const taken = evicted(workload, own);
  return taken ?? own.map((pod) => neverReady(pod, now)).find((each) => each !== undefined);
}
