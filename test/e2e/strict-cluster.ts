// A cluster as strict teams run one: a taint on every node, a policy that demands a label on whatever is made, and a quota
// that counts what containers may leave out. Nothing runs there that does not say all of it.
import type { World } from './world.ts';

const taint = 'dedicated=models:NoSchedule';

/** What the chart has to say of every pod, so that it runs there. */
export const podDefaults = {
  scheduling: { tolerations: [{ key: 'dedicated', operator: 'Exists' }] },
  podMetadata: { labels: { 'cost-centre': '42' } },
  resources: { cpuLimitPercent: 1000, ephemeralStorage: { request: '16Mi', limit: '4Gi' } },
};

const quota = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'all' },
  spec: {
    hard: {
      'requests.cpu': '20',
      'limits.cpu': '40',
      'requests.memory': '20Gi',
      'limits.memory': '40Gi',
      'requests.ephemeral-storage': '50Gi',
      'limits.ephemeral-storage': '100Gi',
    },
  },
};

const policyName = (world: World) => `${world.namespace}-cost-centre`;
const rule = (group: string, ...resources: string[]) => ({
  apiGroups: [group],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources,
});

const policy = (world: World) => [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: policyName(world) },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          rule('apps', 'deployments', 'replicasets'),
          rule('batch', 'jobs'),
          rule('policy', 'poddisruptionbudgets'),
          rule('', 'pods', 'services'),
        ],
      },
      validations: [
        {
          expression: "has(object.metadata.labels) && 'cost-centre' in object.metadata.labels",
          message: 'label cost-centre is missing',
        },
      ],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: policyName(world) },
    spec: {
      policyName: policyName(world),
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': world.namespace } } },
    },
  },
];

/** From now on the namespace of `world`, and the nodes, take only what says all that is demanded. */
export async function makeStrict(world: World): Promise<void> {
  await world.kubectl(['taint', 'nodes', '--all', '--overwrite', taint]);
  const objects = [...policy(world), { ...quota, metadata: { ...quota.metadata, namespace: world.namespace } }];
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await world.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
}

/** The nodes and the policies are everybody's: they are as before. */
export async function makeLenient(world: World): Promise<void> {
  const kinds = 'validatingadmissionpolicybinding,validatingadmissionpolicy';
  await world.kubectl(['delete', kinds, policyName(world), '--ignore-not-found']);
  const taints = await world.kubectl(['get', 'nodes', '--output=jsonpath={.items[*].spec.taints[*].key}']);
  if (taints.includes('dedicated')) await world.kubectl(['taint', 'nodes', '--all', `${taint}-`]);
}
