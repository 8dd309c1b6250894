// Says why pods that a Deployment makes do not become ready, in an ordered chain of checks: the first that speaks wins.
import { trueCondition } from './children.ts';
import type { ContainerEnd, ObservedCondition, ObservedContainer, ObservedPod } from './observed.ts';

/** A pod with what its init containers came to. */
export type StartingPod = ObservedPod & {
  readonly status?: { readonly initContainerStatuses?: readonly ObservedContainer[] | undefined } | undefined;
};

/** A Deployment that makes pods. */
export type PodMaker = {
  readonly status?: { readonly conditions?: readonly ObservedCondition[] | undefined } | undefined;
};

/** Which pods are looked at. */
export type StartingPods = {
  /** The field that gives them more memory. */
  readonly memoryField: string;
  /** Names of the containers that Sluice put into them. */
  readonly ownContainers: readonly string[];
  /** Secrets that they mount. */
  readonly secretNames?: readonly string[] | undefined;
};

type Check = (pod: StartingPod, where: StartingPods) => string | undefined;

export const containersOf = ({ status }: StartingPod): readonly ObservedContainer[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** How a container ended last, whether it is waiting for its next start or not. */
export const lastEnd = ({ state, lastState }: ObservedContainer): ContainerEnd | undefined =>
  state?.terminated ?? lastState?.terminated;

export const crashLoopReason = 'CrashLoopBackOff';
const imageReasons = [
  ...['ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'ErrImageNeverPull'],
  ...['ImageInspectError', 'RegistryUnavailable', 'SignatureValidationFailed'],
];
const refusedReasons = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

/** The kubelet cannot get its image or cannot start what is in it. */
export const cannotStart = ({ state }: ObservedContainer): boolean =>
  [...imageReasons, ...refusedReasons].includes(state?.waiting?.reason ?? '');

const waitingFor = (pod: StartingPod, reasons: readonly string[]) =>
  containersOf(pod).find(({ state }) => reasons.includes(state?.waiting?.reason ?? ''));

/** A container that others added to the pod, in words; nothing of our own. */
const foreign = ({ name }: ObservedContainer, { ownContainers }: StartingPods): string =>
  ownContainers.includes(name) ? '' : ` (container ${name}, which Sluice did not add)`;

const imageUnavailable: Check = (pod, where) => {
  const container = waitingFor(pod, imageReasons);
  if (!container) return undefined;
  const stranger = foreign(container, where);
  const remedy = stranger === '' ? "; correct images or podDefaults in the chart's values" : '';
  return `pod ${pod.metadata.name}${stranger} cannot get image ${container.image ?? ''}${remedy}`;
};

const containerRefused: Check = (pod, where) => {
  const container = waitingFor(pod, refusedReasons);
  const waiting = container?.state?.waiting;
  return waiting && `pod ${pod.metadata.name}${foreign(container, where)}: ${waiting.message ?? waiting.reason ?? ''}`;
};

/** A container that ended badly more than once will not be better next time. */
const crashes: Check = (pod, where) => {
  const container = waitingFor(pod, [crashLoopReason]);
  if (!container) return undefined;
  const end = lastEnd(container);
  const stranger = foreign(container, where);
  const why =
    end?.reason === 'OOMKilled' && stranger === ''
      ? `out of memory; raise ${where.memoryField}`
      : (end?.message ?? `exit code ${end?.exitCode ?? '?'}`);
  return `pod ${pod.metadata.name}${stranger} keeps ending: ${why}`;
};

const scheduledOf = ({ status }: StartingPod) => status?.conditions?.find(({ type }) => type === 'PodScheduled');

const isUnschedulable = (pod: StartingPod): boolean => {
  const scheduled = scheduledOf(pod);
  return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
};

const unschedulable: Check = (pod) => {
  if (!isUnschedulable(pod)) return undefined;
  const { metadata } = pod;
  const scheduled = scheduledOf(pod);
  return `no node takes pod ${metadata.name}: ${scheduled?.message ?? ''}`;
};

/** The kubelet mounts volumes before it makes anything of a pod; of one that is not there it says so in Events alone. */
const unmounted: Check = (pod, { secretNames = [] }) => {
  const isPrepared = pod.status?.conditions?.find(({ type }) => type === 'PodReadyToStartContainers');
  if (secretNames.length === 0 || scheduledOf(pod)?.status !== 'True' || isPrepared?.status !== 'False')
    return undefined;
  const secrets = `Secret${secretNames.length === 1 ? '' : 's'} ${secretNames.join(', ')}`;
  return `pod ${pod.metadata.name} waits for its volumes: see that ${secrets} is there, kubectl describe pod says more`;
};

const checks: readonly Check[] = [imageUnavailable, containerRefused, crashes, unschedulable, unmounted];

/** Whether the cluster keeps the pod from running: that says nothing of what it would run. */
export const isKeptFromRunning = (pod: StartingPod): boolean =>
  containersOf(pod).some(cannotStart) || isUnschedulable(pod);

/** The Deployment controller could not even make pods: a quota, a policy, a ServiceAccount that is not there. */
function notCreated(maker: PodMaker | undefined): string | undefined {
  const failure = trueCondition(maker?.status?.conditions, 'ReplicaFailure');
  return failure && `its pods cannot be made: ${failure.message ?? ''}`;
}

/** What keeps pods from becoming ready, if anything that waiting alone will not cure. */
export function startupProblem(
  maker: PodMaker | undefined,
  pods: readonly StartingPod[],
  where: StartingPods,
): string | undefined {
  for (const check of checks) {
    const problem = pods.map((pod) => check(pod, where)).find((each) => each !== undefined);
    if (problem !== undefined) return problem;
  }
  return notCreated(maker);
}
