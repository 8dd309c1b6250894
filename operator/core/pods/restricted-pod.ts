// The frame of every pod that Sluice creates: it passes Pod Security `restricted`, holds no token, and writes nowhere but
// to its mounts.
import { nonRootId, paths } from '@sluice/crds/contract.ts';
import type { Scheduling } from '@sluice/crds/pods/scheduling.ts';

/**
 * Who says as which user pods run. `Fixed`: we do, the user of our images, and `fsGroup` lets it write to claims whose
 * volumes support ownership. `Cluster`: nothing is asked for, and the cluster's admission gives each namespace a user and a
 * group of its own, as OpenShift does, which refuses every other.
 */
export const podUsers = ['Fixed', 'Cluster'] as const;
export type PodUser = (typeof podUsers)[number];

const fixedUser = { runAsUser: nonRootId, runAsGroup: nonRootId, fsGroup: nonRootId } as const;

/** Security context of a pod. */
export const podSecurityContext = (user: PodUser) => ({
  runAsNonRoot: true,
  ...(user === 'Fixed' ? fixedUser : {}),
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
});

/** Security context of a container. */
export const containerSecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

/** Fields of a pod spec that do not depend on what it runs: no token, no service links, placement as asked for. */
export const restrictedPodFields = (scheduling: Scheduling, user: PodUser) => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurityContext(user),
  ...placement(scheduling),
});

/**
 * What a container asks for. Memory is request and limit, CPU a request only and ephemeral storage nothing at all where no
 * quota wants more.
 */
export function containerResources({ cpu, memory, cpuLimit, ephemeralStorage }: ContainerResources) {
  const storage = ephemeralStorage === undefined ? {} : { 'ephemeral-storage': ephemeralStorage };
  return {
    requests: { cpu, memory, ...storage },
    limits: { ...(cpuLimit !== undefined && { cpu: cpuLimit }), memory, ...storage },
  };
}

export type ContainerResources = {
  readonly cpu: string;
  readonly memory: string;
  readonly cpuLimit?: string | undefined;
  readonly ephemeralStorage?: string | undefined;
};

/** Scratch space at `/tmp`, as a volume and its mount. */
export const temporarySpace = (sizeLimit: string) => ({
  volume: { name: 'temporary', emptyDir: { sizeLimit } },
  mount: { name: 'temporary', mountPath: paths.temporary },
});

/** An environment list in the order of `variables`. The kubelet would expand `$(NAME)` and make one `$` of two. */
export const environment = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables).map(([name, value]) => ({ name, value: value.replaceAll('$', () => '$$') }));

/** The fields of a pod spec that place it. */
export function placement(scheduling: Scheduling) {
  const { imagePullSecrets, ...fields } = scheduling;
  return {
    ...fields,
    ...(imagePullSecrets === undefined ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
  };
}
