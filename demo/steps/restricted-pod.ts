// A pod that the `restricted` Pod Security level admits: it waits, and commands are run in it by kubectl exec.
import type { Place } from './place.ts';

const nobody = 65532;

/** What differs between such pods. */
export interface PodContents {
  readonly name: string;
  /** Mount path → volume source. */
  readonly volumes: Readonly<Record<string, object>>;
}

/** The pod's manifest. It asks for little CPU: on a small node the models need it. */
export function restrictedPod({ nodeImage }: Place, { name, volumes }: PodContents): object {
  const mounts = Object.entries(volumes).map(([mountPath, source], index) => ({
    name: `volume-${index}`,
    mountPath,
    source,
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: nobody,
        runAsGroup: nobody,
        fsGroup: nobody,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name,
          image: nodeImage,
          command: ['sleep', 'infinity'],
          resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: mounts.map(({ name: volume, mountPath }) => ({ name: volume, mountPath })),
        },
      ],
      volumes: mounts.map(({ name: volume, source }) => ({ name: volume, ...source })),
    },
  };
}
