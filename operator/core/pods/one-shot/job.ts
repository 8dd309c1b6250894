// Builds a Job with one pod that does its work once: restricted, never retried by Kubernetes, so that each class of
// failure can be judged.
import { paths } from '@sluice/crds/contract.ts';
import type { Scheduling } from '@sluice/crds/pods/scheduling.ts';
import type { Manifest } from '../../plan.ts';
import { type Mounted, mountsOf, volumesOf } from '../mounted.ts';
import { type PodWishes, wishedManifest } from '../pod-template.ts';
import { containerSecurityContext, environment, type PodUser, restrictedPodFields } from '../restricted-pod.ts';
import { mountedOrder, orderAnnotations } from './order.ts';

type Quantities = Readonly<Record<string, string>>;

export type OneShot = {
  /** What the installation and the object want of the pod besides. */
  readonly wishes: PodWishes;
  readonly user: PodUser;
  readonly name: string;
  readonly namespace: string;
  /** Of the Job and of its pod. */
  readonly labels: Readonly<Record<string, string>>;
  readonly container: {
    readonly name: string;
    readonly image: string;
    readonly imagePullPolicy: string;
    /** The image's own when absent. */
    readonly command?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly resources: { readonly requests: Quantities; readonly limits: Quantities };
  };
  /** What the program is told, in a file. */
  readonly order?: object;
  readonly volumes: readonly Mounted[];
  readonly scheduling: Scheduling;
  /** Between SIGTERM and SIGKILL; Kubernetes' own default when absent. */
  readonly graceSeconds?: number;
  /** After which Kubernetes ends it. */
  readonly deadlineSeconds?: number;
};

export function oneShotJob(oneShot: OneShot): Manifest {
  const { name, namespace, labels, deadlineSeconds, wishes } = oneShot;
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels },
    spec: {
      backoffLimit: 0,
      // After a suspension by others: never a new pod beside one that is still stopping.
      podReplacementPolicy: 'Failed',
      ...(deadlineSeconds === undefined ? {} : { activeDeadlineSeconds: deadlineSeconds }),
      template: { metadata: podMetadata(oneShot), spec: podSpec(oneShot) },
    },
  };
  return wishedManifest(job, wishes);
}

const podMetadata = ({ labels, order }: OneShot) => ({
  labels,
  ...(order === undefined ? {} : { annotations: orderAnnotations(order) }),
});

/** The identity of an existing Job, for a child that is only kept. */
export const jobIdentity = (name: string, namespace: string): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace },
});

function podSpec({ container, order, volumes, scheduling, user, graceSeconds }: OneShot) {
  const { env, ...rest } = container;
  const mounted = order === undefined ? volumes : [mountedOrder, ...volumes];
  return {
    ...restrictedPodFields(scheduling, user),
    restartPolicy: 'Never',
    ...(graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: graceSeconds }),
    containers: [
      {
        ...rest,
        ...(env === undefined ? {} : { env: environment(env) }),
        securityContext: containerSecurityContext,
        terminationMessagePath: paths.terminationLog,
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: mountsOf(mounted),
      },
    ],
    volumes: volumesOf(mounted),
  };
}
