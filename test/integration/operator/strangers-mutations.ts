// What admission of strangers' clusters makes of objects: company labels, a registry of their own, a sidecar, other
// resources. Each asked about its own result changes nothing more, as such webhooks do.
import type { KubeObject } from '@sluice/operator/kube/objects.ts';

type Container = {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: { readonly requests?: object; readonly limits?: object };
};
type PodSpec = {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly tolerations?: readonly { readonly key?: string }[];
};
type Template = { readonly metadata: KubeObject['metadata']; readonly spec: PodSpec };

const registry = 'mirror.example.com/';
const strange = ['team', 'proxy', 'STRANGE', 'example.com/pool'] as const;
const [team, proxy, variable, pool] = strange;

const sidecar = { name: proxy, image: `${registry}proxy:1`, imagePullPolicy: 'Never' };

function ofContainer(container: Container): Container {
  const { image, env = [], resources = {} } = container;
  return {
    ...container,
    image: image.startsWith(registry) ? image : `${registry}${image}`,
    // One is more, and one that we set has another value.
    env: [
      ...env
        .filter(({ name }) => name !== variable)
        .map((each) => (each.value === 'digits' ? { ...each, value: 'theirs' } : each)),
      { name: variable, value: 'yes' },
    ],
    resources: {
      requests: { ...resources.requests, memory: '200Mi', cpu: '0.2501' },
      limits: { memory: '2Gi', ...resources.limits, cpu: '3' },
    },
  } as Container;
}

const ofTemplate = ({ metadata, spec }: Template): Template => ({
  metadata: { ...metadata, labels: { ...metadata.labels, [team]: 'strangers' } },
  spec: {
    ...spec,
    // As many do, it forgets init containers where it forces a policy.
    containers: [
      sidecar,
      ...spec.containers
        .filter(({ name }) => name !== proxy)
        .map((each) => ({ ...ofContainer(each), imagePullPolicy: 'Always' })),
    ],
    ...(spec.initContainers && { initContainers: spec.initContainers.map(ofContainer) }),
    tolerations: [
      ...(spec.tolerations ?? []).filter(({ key }) => key !== pool),
      { key: pool, operator: 'Exists' } as never,
    ],
    ...{
      priorityClassName: '',
      securityContext: { runAsUser: 1_000_650_000, fsGroup: 2000 },
      enableServiceLinks: true,
    },
  },
});

/** Fields of the specs of each kind that are changed. */
const ofSpec: Readonly<Record<string, object>> = {
  Service: { sessionAffinity: 'ClientIP', publishNotReadyAddresses: true },
  PodDisruptionBudget: { unhealthyPodEvictionPolicy: 'IfHealthyBudget' },
  Deployment: {
    revisionHistoryLimit: 2,
    minReadySeconds: 3,
    strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 }, type: 'RollingUpdate' },
  },
};

/** Everything at once. What an operator notes on its objects for itself is lost as well. */
export function mutated(object: KubeObject & { readonly spec?: { readonly template?: Template } }): KubeObject {
  const { metadata, spec } = object;
  const { 'kube-runtime/applied-digest': _digest, ...annotations } = metadata.annotations ?? {};
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [team]: 'strangers' },
      annotations: { ...annotations, 'example.com/checked': 'yes' },
    },
    ...(spec && {
      spec: { ...spec, ...ofSpec[object.kind], ...(spec.template && { template: ofTemplate(spec.template) }) },
    }),
  } as KubeObject;
}
