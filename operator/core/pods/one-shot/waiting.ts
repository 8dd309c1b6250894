// Says in plain words why a one-shot pod does not run yet. An ordered chain of checks; the first that knows says it.
import type { FailureClass } from '@sluice/crds/contract.ts';
import { containerOf } from '../children.ts';
import type { ObservedPod } from '../observed.ts';

/** What holds a pod back; every kind has its own reasons for these. */
export type WaitReason =
  | 'PodPending'
  | 'InitContainerWaits'
  | 'ImageUnavailable'
  | 'ContainerRefused'
  | 'Unschedulable'
  | 'SchedulingGated';

/**
 * `stalled`: nothing will change until somebody acts. `class` is the failure when the wait has lasted too long; `final`:
 * waiting cannot help, it has failed.
 */
export type WaitCause = {
  readonly reason: WaitReason;
  readonly message: string;
  readonly class: FailureClass;
  readonly stalled: boolean;
  readonly final?: true;
};

/** What the pod asks for, and which fields a person changes. */
export type Wish = {
  readonly jobName: string;
  readonly container: string;
  /** The image as messages call it: `the trainer image`. */
  readonly image: string;
  readonly memory: { readonly amount: string; readonly field?: string | undefined };
  readonly cpu: { readonly amount: string; readonly field?: string | undefined };
  readonly gpu?: { readonly count: number; readonly resourceName: string } | undefined;
  /** The field that holds nodeSelector, tolerations and imagePullSecrets; absent when nobody can set them. */
  readonly scheduling?: string | undefined;
};

type Question = { readonly pod: ObservedPod; readonly wish: Wish };
type Check = (question: Question) => WaitCause | undefined;

/** @param pod absent while the Job controller has not made one */
export function explainWaiting(pod: ObservedPod | undefined, wish: Wish): WaitCause {
  const { jobName } = wish;
  if (pod === undefined) {
    return waiting(
      'PodPending',
      `Job ${jobName} has no pod yet. When that lasts, a quota, LimitRange, policy or ServiceAccount refuses it: see kubectl describe job ${jobName}.`,
    );
  }
  for (const check of checks) {
    const cause = check({ pod, wish });
    if (cause !== undefined) return cause;
  }
  return waiting('PodPending', `pod ${pod.metadata.name} is starting: ${doneFirst(pod)}`);
}

/** The kubelet makes the sandbox when every volume is mounted. */
function doneFirst({ spec, status }: ObservedPod): string {
  const sandbox = status?.conditions?.find(({ type }) => type === 'PodReadyToStartContainers');
  if (sandbox?.status !== 'False') return 'its image is pulled.';
  return `node ${spec?.nodeName ?? ''} mounts its volumes. A ReadWriteOnce claim is on one node at a time; kubectl describe pod says more.`;
}

const waiting = (reason: WaitReason, message: string): WaitCause => ({
  reason,
  message,
  class: 'Deadline',
  stalled: false,
});

const imageWaits = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'RegistryUnavailable',
  'ImageInspectError',
];

const image: Check = ({ pod, wish }) => {
  const container = containerOf(pod, wish.container);
  const wait = container?.state?.waiting;
  const detail = wait?.message === undefined ? '' : ` (${brief(wait.message)})`;
  if (wait?.reason === 'InvalidImageName') {
    const message = `${wish.image} ${container?.image ?? ''} is no valid image name. Correct it in the Helm values.`;
    return { reason: 'ImageUnavailable', message, class: 'Image', stalled: true, final: true };
  }
  if (wait?.reason === undefined || !imageWaits.includes(wait.reason)) return undefined;
  const secrets = wish.scheduling === undefined ? '' : ` and ${wish.scheduling}.imagePullSecrets`;
  const message = `${wish.image} cannot be pulled${detail}. Check its name${secrets}.`;
  return { reason: 'ImageUnavailable', message, class: 'Image', stalled: true };
};

const configuration: Check = ({ pod, wish }) => {
  const wait = containerOf(pod, wish.container)?.state?.waiting;
  if (wait?.reason !== 'CreateContainerConfigError' && wait?.reason !== 'CreateContainerError') return undefined;
  if (/failed to (create subPath directory|prepare subPath)/.test(wait.message ?? '')) {
    const message = `the node cannot make <modelName>/ in the claim: it is full, read-only or squashes root. Make it there, writable for the pod.`;
    return { reason: 'ContainerRefused', message, class: 'Image', stalled: true };
  }
  const message = `the container cannot be created: ${brief(wait.message ?? wait.reason)}. Look at pod ${pod.metadata.name}.`;
  return { reason: 'ContainerRefused', message, class: 'Image', stalled: true };
};

/**
 * A container that others put before ours holds it back: it works, or it cannot start. One that is there for as long as
 * the pod (restartPolicy Always) is only in the way until it runs.
 */
const initContainer: Check = ({ pod }) => {
  const stays = (name: string) =>
    pod.spec?.initContainers?.find((each) => each.name === name)?.restartPolicy === 'Always';
  const held = pod.status?.initContainerStatuses?.find(
    ({ name, state }) => state?.waiting !== undefined || (state?.running !== undefined && !stays(name)),
  );
  const wait = held?.state?.waiting;
  if (held === undefined || wait?.reason === 'PodInitializing' || wait?.reason === 'ContainerCreating')
    return undefined;
  const what = wait === undefined ? 'has not ended yet' : `waits (${wait.reason}): ${brief(wait.message ?? '')}`;
  const message = `init container ${held.name} of pod ${pod.metadata.name}, which Sluice did not add, ${what}. Read its log, or exempt the pod from its injection.`;
  return waiting('InitContainerWaits', message);
};

const unschedulable: Check = ({ pod, wish }) => {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition === undefined || condition.status === 'True') return undefined;
  if (condition.reason === 'SchedulingGated')
    return waiting('SchedulingGated', 'a scheduling gate holds the pod: its queue has not admitted it yet.');
  const said = condition.message ?? '';
  const words = schedulerWords.find(({ pattern }) => pattern(wish).test(said))?.say(wish) ?? 'no node takes the pod.';
  return waiting('Unschedulable', `${words} Scheduler: ${brief(said)}`);
};

const checks: readonly Check[] = [image, configuration, initContainer, unschedulable];

type Translation = { pattern(wish: Wish): RegExp; say(wish: Wish): string };

const never = /(?!)/;
const insufficient = (resource: string) =>
  new RegExp(`Insufficient ${resource.replace(/[.]/g, '\\.')}(?![\\w/-]|\\.\\w)`);
const named = (field: string | undefined) => (field === undefined ? '' : ` (${field})`);

/** The scheduler's phrases, most telling first. */
const schedulerWords: readonly Translation[] = [
  {
    pattern: ({ gpu }) => (gpu === undefined ? never : insufficient(gpu.resourceName)),
    say: ({ gpu }) => `no node offers ${gpu?.count} × ${gpu?.resourceName} now. Free or add one.`,
  },
  {
    pattern: () => insufficient('memory'),
    say: ({ memory }) => `no node has ${memory.amount} of memory free${named(memory.field)}.`,
  },
  {
    pattern: () => insufficient('cpu'),
    say: ({ cpu }) => `no node has ${cpu.amount} CPU free${named(cpu.field)}.`,
  },
  {
    pattern: () => /persistentvolumeclaim "[^"]*" not found/,
    say: () => 'a PersistentVolumeClaim of the pod does not exist: create it.',
  },
  {
    pattern: () => /persistentvolumeclaim ".*" is being deleted/,
    say: () => 'a PersistentVolumeClaim of the pod is being deleted: create it anew.',
  },
  {
    pattern: () => /ReadWriteOncePod access mode/,
    say: () => 'another pod uses a ReadWriteOncePod claim: wait for its end, or use a ReadWriteOnce claim.',
  },
  {
    pattern: () => /unbound immediate PersistentVolumeClaims/,
    say: () => 'a PersistentVolumeClaim is not bound: check its StorageClass.',
  },
  {
    pattern: () => /didn't find available persistent volumes to bind|did not have enough free storage/,
    say: () => 'no volume can be had for a PersistentVolumeClaim: check its size and its StorageClass.',
  },
  {
    pattern: () => /bound to non-existent p(v|ersistentvolume)/,
    say: () => 'a PersistentVolumeClaim has lost its volume: create it anew.',
  },
  {
    pattern: () => /exceed max volume count/,
    say: () => 'every node has as many volumes as it can take: free or add one.',
  },
  {
    pattern: () => insufficient('ephemeral-storage'),
    say: () => "no node has enough disk free for the pod's ephemeral-storage.",
  },
  {
    pattern: () => /volume node affinity conflict/,
    say: () => 'the claims of storage and data lie on different nodes.',
  },
  {
    pattern: () => /didn't match Pod's node affinity\/selector/,
    say: ({ scheduling }) =>
      scheduling === undefined ? 'no node matches the pod.' : `no node matches ${scheduling}.nodeSelector.`,
  },
  {
    pattern: () => /untolerated taint/,
    say: ({ scheduling }) =>
      scheduling === undefined
        ? 'every fitting node has a taint.'
        : `every fitting node has a taint: add it to ${scheduling}.tolerations.`,
  },
];

/** The first sentence of what the cluster says. */
const brief = (text: string) => (text.split(/\. |\n/)[0] ?? '').trim().replace(/\.$/, '');
