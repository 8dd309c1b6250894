// The frame of every pod that Sluice creates: it passes Pod Security `restricted`, holds no token, and writes nowhere but
// to its mounts.
import { nonRootId, paths } from '@sluice/crds/contract.ts';
import type { Scheduling } from '@sluice/crds/scheduling.ts';

/** Security context of a pod; `fsGroup` lets the pod write to claims whose volumes support ownership. */
export const podSecurityContext = {
  runAsNonRoot: true,
  runAsUser: nonRootId,
  runAsGroup: nonRootId,
  fsGroup: nonRootId,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** Security context of a container. */
export const containerSecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

/** Fields of a pod spec that do not depend on what it runs: no token, no service links, placement as asked for. */
export const restrictedPodFields = (scheduling: Scheduling) => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurityContext,
  ...placement(scheduling),
});

/** Scratch space at `/tmp`, as a volume and its mount. */
export const temporarySpace = (sizeLimit: string) => ({
  volume: { name: 'temporary', emptyDir: { sizeLimit } },
  mount: { name: 'temporary', mountPath: paths.temporary },
});

/** An environment list in the order of `variables`. */
export const environment = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables).map(([name, value]) => ({ name, value }));

/** The fields of a pod spec that place it. */
export function placement(scheduling: Scheduling) {
  const { imagePullSecrets, ...fields } = scheduling;
  return {
    ...fields,
    ...(imagePullSecrets === undefined ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
  };
}
