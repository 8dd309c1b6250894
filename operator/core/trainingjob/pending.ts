// Says in plain words why an attempt's pod does not run yet. An ordered chain of checks; the first that knows says it.
import type { FailureClass } from '@sluice/crds/contract.ts';
import type { TrainingJobReason } from '@sluice/crds/reasons.ts';
import type { TrainingJobSpec } from '@sluice/crds/v1alpha1/training-job.ts';
import { containerOf } from '../pods/children.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { trainerContainer } from './job.ts';

/**
 * `stalled`: nothing will change until somebody acts. `class` is the failure when deadlines.pendingSeconds passes;
 * `final`: waiting cannot help, the attempt has failed.
 */
export type PendingCause = {
  readonly reason: TrainingJobReason;
  readonly message: string;
  readonly class: FailureClass;
  readonly stalled: boolean;
  readonly final?: true;
};

type Question = { readonly pod: ObservedPod; readonly spec: TrainingJobSpec };
type Check = (question: Question) => PendingCause | undefined;

/** @param pod absent while the Job controller has not made one */
export function explainPending(pod: ObservedPod | undefined, spec: TrainingJobSpec, jobName: string): PendingCause {
  if (pod === undefined) {
    return waiting(
      'PodPending',
      `Job ${jobName} has no pod yet. If it stays so: kubectl describe job ${jobName} (quota, admission).`,
    );
  }
  for (const check of checks) {
    const cause = check({ pod, spec });
    if (cause !== undefined) return cause;
  }
  return waiting(
    'PodPending',
    `pod ${pod.metadata.name} is starting: its volumes are mounted and its image is pulled.`,
  );
}

const waiting = (reason: TrainingJobReason, message: string): PendingCause => ({
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

const image: Check = ({ pod }) => {
  const container = containerOf(pod, trainerContainer);
  const wait = container?.state?.waiting;
  const detail = wait?.message === undefined ? '' : ` (${brief(wait.message)})`;
  if (wait?.reason === 'InvalidImageName') {
    const message = `the trainer image ${container?.image ?? ''} is no valid image name. Correct it in the Helm values.`;
    return { reason: 'ImageUnavailable', message, class: 'Image', stalled: true, final: true };
  }
  if (wait?.reason === undefined || !imageWaits.includes(wait.reason)) return undefined;
  const message = `the trainer image cannot be pulled${detail}. Check its name and scheduling.imagePullSecrets.`;
  return { reason: 'ImageUnavailable', message, class: 'Image', stalled: true };
};

const configuration: Check = ({ pod }) => {
  const wait = containerOf(pod, trainerContainer)?.state?.waiting;
  if (wait?.reason !== 'CreateContainerConfigError' && wait?.reason !== 'CreateContainerError') return undefined;
  const message = `the container cannot be created: ${brief(wait.message ?? wait.reason)}. Look at pod ${pod.metadata.name}.`;
  return { reason: 'ContainerRefused', message, class: 'Image', stalled: true };
};

const unschedulable: Check = ({ pod, spec }) => {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition === undefined || condition.status === 'True') return undefined;
  if (condition.reason === 'SchedulingGated')
    return waiting('SchedulingGated', 'a scheduling gate holds the pod: its queue has not admitted it yet.');
  const said = condition.message ?? '';
  const words = schedulerWords.find(({ pattern }) => pattern(spec).test(said))?.say(spec) ?? 'no node takes the pod.';
  return waiting('Unschedulable', `${words} Scheduler: ${brief(said)}`);
};

const checks: readonly Check[] = [image, configuration, unschedulable];

type Translation = { pattern(spec: TrainingJobSpec): RegExp; say(spec: TrainingJobSpec): string };

const never = /(?!)/;
const insufficient = (resource: string) =>
  new RegExp(`Insufficient ${resource.replace(/[.]/g, '\\.')}(?![\\w/-]|\\.\\w)`);

/** The scheduler's phrases, most telling first. */
const schedulerWords: readonly Translation[] = [
  {
    pattern: ({ resources }) => (resources.gpu === undefined ? never : insufficient(resources.gpu.resourceName)),
    say: ({ resources }) =>
      `no node offers ${resources.gpu?.count} × ${resources.gpu?.resourceName} now. Free or add one.`,
  },
  {
    pattern: () => insufficient('memory'),
    say: ({ resources }) => `no node has ${resources.memory} of memory free (resources.memory).`,
  },
  {
    pattern: () => insufficient('cpu'),
    say: ({ resources }) => `no node has ${resources.cpu} CPU free (resources.cpu).`,
  },
  {
    pattern: () => /persistentvolumeclaim ".*" not found/,
    say: () => 'a PersistentVolumeClaim of the pod does not exist: create it.',
  },
  {
    pattern: () => /unbound immediate PersistentVolumeClaims/,
    say: () => 'a PersistentVolumeClaim is not bound: check its StorageClass.',
  },
  {
    pattern: () => /volume node affinity conflict/,
    say: () => 'the claims of storage and data lie on different nodes.',
  },
  {
    pattern: () => /didn't match Pod's node affinity\/selector/,
    say: () => 'no node matches scheduling.nodeSelector.',
  },
  {
    pattern: () => /untolerated taint/,
    say: () => 'every fitting node has a taint: add it to scheduling.tolerations.',
  },
];

/** The first sentence of what the cluster says. */
const brief = (text: string) => (text.split(/\. |\n/)[0] ?? '').trim().replace(/\.$/, '');
