// What Sluice makes passes the rules that clusters are known to have, each written here as the apiserver's own policy after
// the published rule: Gatekeeper's library, which AKS and GKE ship, Kyverno's best practices, OpenShift's restricted-v2.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Manifest } from '@sluice/operator/core/plan.ts';
import { kubectlFor } from '../../cluster/kubectl-client.ts';
import { CommandError } from '../../cluster/run-command.ts';
import { everyManifest } from '../../platforms/every-manifest.ts';
import { type Cluster, connect } from '../kube/cluster.ts';

const kubectl = kubectlFor({
  toolsPath: process.env['SLUICE_TEST_TOOLS'] ?? '',
  kubeconfigPath: process.env['SLUICE_TEST_KUBECONFIG'] ?? '',
  context: undefined,
});

type Rule = {
  readonly name: string;
  readonly on: 'pods' | 'services';
  readonly expression: string;
  /** A path in the spec of a good object, and a value that breaks the rule. Absent where Pod Security says no before. */
  readonly broken?: readonly [path: string, value: unknown];
};

/** `containers` are those of the pod, init containers among them; `pod` is its spec. */
const rules: readonly Rule[] = [
  {
    name: 'memory-limits',
    on: 'pods',
    expression: "containers.all(c, 'memory' in c.resources.limits)",
    broken: ['containers.0.resources.limits', { cpu: '1' }],
  },
  {
    name: 'requests',
    on: 'pods',
    expression: "containers.all(c, 'cpu' in c.resources.requests && 'memory' in c.resources.requests)",
    broken: ['containers.0.resources.requests', { memory: '96Mi' }],
  },
  {
    name: 'no-latest',
    on: 'pods',
    expression: "containers.all(c, c.image.matches('.+:[^/]+$') && !c.image.endsWith(':latest'))",
    broken: ['containers.0.image', 'registry.example.com/sluice/gateway:latest'],
  },
  {
    name: 'allowed-registry',
    on: 'pods',
    expression: "containers.all(c, c.image.startsWith('registry.example.com/'))",
    broken: ['containers.0.image', 'docker.io/sluice/gateway:1'],
  },
  {
    name: 'read-only-root',
    on: 'pods',
    expression: 'containers.all(c, c.securityContext.readOnlyRootFilesystem)',
    broken: ['containers.0.securityContext.readOnlyRootFilesystem', false],
  },
  {
    name: 'no-token',
    on: 'pods',
    expression: 'has(pod.automountServiceAccountToken) && !pod.automountServiceAccountToken',
    broken: ['automountServiceAccountToken', true],
  },
  {
    name: 'probes-of-what-goes-on',
    on: 'pods',
    expression: "pod.restartPolicy != 'Always' || pod.containers.all(c, has(c.readinessProbe) && has(c.livenessProbe))",
    broken: ['containers.0.livenessProbe', undefined],
  },
  {
    name: 'no-host',
    on: 'pods',
    expression:
      '!has(pod.hostNetwork) && !has(pod.hostPID) && !has(pod.hostIPC) && containers.all(c, !has(c.ports) || c.ports.all(p, !has(p.hostPort)))',
  },
  {
    name: 'volume-types',
    on: 'pods',
    expression:
      '!has(pod.volumes) || pod.volumes.all(v, has(v.configMap) || has(v.emptyDir) || has(v.downwardAPI) || has(v.projected) || has(v.persistentVolumeClaim))',
  },
  {
    name: 'openshift-users',
    on: 'pods',
    expression: `!has(pod.securityContext.runAsUser) && !has(pod.securityContext.fsGroup) && containers.all(c, !has(c.securityContext.runAsUser))
      || pod.securityContext.?runAsUser.orValue(0) >= 1000680000 && pod.securityContext.?fsGroup.orValue(0) >= 1000680000`,
    broken: ['securityContext.runAsUser', 1000],
  },
  {
    name: 'cluster-services',
    on: 'services',
    expression: "object.spec.type == 'ClusterIP' && !has(object.spec.externalIPs)",
    broken: ['type', 'NodePort'],
  },
];

const admission = 'admissionregistration.k8s.io/v1';

function policyOf({ name, on, expression }: Rule, namespace: string): object[] {
  const metadata = { name: `${name}.${namespace}` };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  return [
    {
      apiVersion: admission,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: [on] }],
        },
        validations: [{ expression: inWords(expression), message: `rule ${name}` }],
      },
    },
    {
      apiVersion: admission,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: metadata.name, validationActions: ['Deny'], matchResources: { namespaceSelector } },
    },
  ];
}

/** The words of a rule as what they stand for. */
const inWords = (expression: string) =>
  expression
    .replaceAll(/(?<!\.)\bcontainers\b/g, '(object.spec.containers + object.spec.?initContainers.orValue([]))')
    .replaceAll(/\bpod\./g, 'object.spec.');

let cluster: Cluster;
let policies: string;

/** What the apiserver says to the creation of an object; empty when it would do it. */
async function said(object: object): Promise<string> {
  try {
    await kubectl(['create', '--dry-run=server', '--namespace', cluster.namespace, '-f', '-'], JSON.stringify(object));
    return '';
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

type WithTemplate = { spec?: { template?: { metadata: object; spec: object } } };

/** The manifest, and the pod that a controller would make of its template. */
function objectsOf(manifest: Manifest): object[] {
  const { namespace: _, ...metadata } = manifest.metadata;
  const { spec } = manifest as WithTemplate;
  const pod = spec?.template && {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...spec.template.metadata, name: metadata.name },
    spec: spec.template.spec,
  };
  return [{ ...manifest, metadata }, ...(pod ? [pod] : [])];
}

beforeAll(async () => {
  cluster = await connect();
  const enforced = ['enforce=restricted', 'enforce-version=latest'].map((each) => `pod-security.kubernetes.io/${each}`);
  await kubectl(['label', 'namespace', cluster.namespace, ...enforced]);
  const items = rules.flatMap((rule) => policyOf(rule, cluster.namespace));
  policies = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(['apply', '-f', '-'], policies);
}, 60_000);

afterAll(async () => {
  await kubectl(['delete', '-f', '-'], policies);
  await cluster.close();
}, 60_000);

type Tree = { [key: string]: unknown };

const kindOf = { pods: 'Pod', services: 'Service' } as const;
const good = everyManifest('Cluster').flatMap(objectsOf) as (Tree & { metadata: Tree; spec: Tree })[];

/** An object of ours that is good but for one value. */
function spoilt({ on, broken: [path, value] = ['', undefined] }: Rule): object {
  const name = on === 'pods' ? 'sluice-gateway' : 'digits';
  const copy = structuredClone(good.find((each) => each['kind'] === kindOf[on] && each.metadata['name'] === name));
  const way = path.split('.');
  const last = way.pop() ?? '';
  const at = way.reduce((tree: Tree | undefined, key) => tree?.[key] as Tree | undefined, copy?.spec);
  if (!copy || !at) throw new Error(`nothing of ours has ${path}`);
  at[last] = value;
  return copy;
}

describe('the rules of strict clusters', () => {
  test.each(rules.filter(({ broken }) => broken))(
    'refuse what is made without care: $name',
    async (rule) => {
      const deadline = Date.now() + 20_000;
      let answer = '';
      // The apiserver hears of its own policies a moment later.
      while (answer === '' && Date.now() < deadline) {
        answer = await said(spoilt(rule));
        if (answer === '') await delay(100);
      }
      expect(answer).toContain(`${rule.name}.${cluster.namespace}`);
    },
    30_000,
  );

  test.each(
    everyManifest('Cluster').map((manifest) => ({ what: `${manifest.kind} ${manifest.metadata.name}`, manifest })),
  )('let $what pass, and its pods', async ({ manifest }) => {
    for (const object of objectsOf(manifest)) expect(await said(object)).toBe('');
  });
});
