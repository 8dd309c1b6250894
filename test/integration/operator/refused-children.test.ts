// The controllers on a real apiserver that does not take what they make: it is on the object with its words within seconds,
// never Stalled in the first minute, and gone when the cause is.
import { expect, jest, test } from '@jest/globals';
import type { Condition } from '@sluice/crds/fragments.ts';
import type { KubeObject, Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { bundleUri, changed, minimal } from '../crds/manifests.ts';
import {
  conditionsOf,
  eachInControlledNamespace,
  makeClaims,
  untilRefused as refusedIn,
  until,
} from './controllers-in-cluster.ts';

jest.setTimeout(60_000);

const kindOf = (group: string, kind: string, plural: string, namespaced = false): Resource => ({
  group,
  version: 'v1',
  kind,
  plural,
  namespaced,
});
const quotas = kindOf('', 'ResourceQuota', 'resourcequotas', true);
const webhooks = kindOf(
  'admissionregistration.k8s.io',
  'ValidatingWebhookConfiguration',
  'validatingwebhookconfigurations',
);
const policies = kindOf('admissionregistration.k8s.io', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies');
const bindings = kindOf(
  'admissionregistration.k8s.io',
  'ValidatingAdmissionPolicyBinding',
  'validatingadmissionpolicybindings',
);

const here = eachInControlledNamespace();
const { apply } = here;

const manifestOf = (kind: string, changes = {}) => changed(minimal[kind] as never, changes);

async function remove(resource: Resource, { metadata }: Stored): Promise<void> {
  await here.cluster.client.delete(resource, metadata, { uid: metadata.uid });
}

const untilRefused = (resource: Resource, name: string, words: RegExp | undefined): Promise<readonly Condition[]> =>
  refusedIn(here.cluster, { resource, name }, words);

const exists = (resource: Resource, name: string) =>
  here.cluster.client.find(resource, { name, namespace: here.cluster.namespace }).then((found) => found !== undefined);

const brief = (said: readonly Condition[]) => said.map(({ type, status, reason }) => `${type}=${status}/${reason}`);

/** Without a controller manager, what a quota allows is what its status says. */
async function quota(hard: Record<string, string>): Promise<Stored> {
  const made = await apply(quotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'few' },
    spec: { hard },
  } as KubeObject);
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  const { apiVersion, kind, metadata } = made;
  await here.cluster.client.applyStatus(quotas, {
    apiVersion,
    kind,
    metadata: { name: 'few', namespace: here.cluster.namespace, uid: metadata.uid },
    status: { hard, used },
  });
  return made;
}

test('a quota on Jobs is on the TrainingJob, and training starts when it is gone', async () => {
  await makeClaims(here);
  const few = await quota({ 'count/jobs.batch': '0' });
  await apply(resources.trainingJobs, manifestOf('TrainingJob'));
  const said = await untilRefused(
    resources.trainingJobs,
    'digits',
    /Job digits-1: exceeded quota: few.*Raise the ResourceQuota/,
  );
  expect(brief(said)).toEqual(expect.arrayContaining(['Ready=False/ChildRefused', 'Reconciling=True/ChildRefused']));
  await remove(quotas, few);
  await untilRefused(resources.trainingJobs, 'digits', undefined);
  expect(await exists(resources.jobs, 'digits-1')).toBe(true);
});

test('a webhook that nobody answers is on the TrainingJob and on the ModelVersion', async () => {
  await makeClaims(here);
  const scope = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': here.cluster.namespace } } };
  const rules = [{ apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['jobs'] }];
  const webhook = {
    name: 'nobody.example.com',
    clientConfig: { url: 'https://127.0.0.1:9/' },
    rules,
    ...scope,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 1,
  };
  const hook = await apply(webhooks, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `nobody-${here.cluster.namespace}` },
    webhooks: [webhook],
  } as KubeObject);
  const bundle = { 'spec.bundle.uri': bundleUri('digits') };
  await apply(resources.modelVersions, manifestOf('ModelVersion', bundle));
  await apply(resources.trainingJobs, manifestOf('TrainingJob', { 'spec.modelName': 'other' }));
  const words = /failed calling webhook "nobody.example.com".*Repair that webhook/;
  await untilRefused(resources.trainingJobs, 'digits', words);
  await untilRefused(resources.modelVersions, 'digits-3', words);
  await remove(webhooks, hook);
  await untilRefused(resources.trainingJobs, 'digits', undefined);
  await untilRefused(resources.modelVersions, 'digits-3', undefined);
});

test('a policy that wants a label on Deployments is on the ModelDeployment, for its servers and for the gateway', async () => {
  const name = `team-${here.cluster.namespace}`;
  const policy = await apply(policies, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': here.cluster.namespace } },
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
        ],
      },
      validations: [{ expression: "'team' in object.metadata.labels", message: 'name your team' }],
    },
  } as KubeObject);
  const binding = await apply(bindings, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  } as KubeObject);
  const probe = () =>
    here.cluster.client.create(resources.deployments, deployment(here.cluster.namespace)).then(
      ({ metadata }) =>
        here.cluster.client.delete(resources.deployments, metadata, { uid: metadata.uid }).then(() => false),
      () => true,
    );
  await until(probe, 30_000);
  await apply(resources.modelVersions, manifestOf('ModelVersion', { 'spec.bundle.uri': bundleUri('digits') }));
  await ready('digits-3');
  await apply(resources.modelDeployments, manifestOf('ModelDeployment'));
  const said = await untilRefused(
    resources.modelDeployments,
    'digits',
    /Deployment digits-\w+.*Deployment sluice-gateway|Deployment sluice-gateway.*Deployment digits-\w+/,
  );
  expect(brief(said)).toEqual(expect.arrayContaining(['Ready=False/ChildRefused', 'Progressing=False/ChildRefused']));
  const services = await here.cluster.client.list(resources.services, { namespace: here.cluster.namespace });
  expect(services.items.map((each) => each.metadata.name)).toContainEqual(expect.stringMatching(/^digits-/));
  await remove(bindings, binding);
  await remove(policies, policy);
  await untilRefused(resources.modelDeployments, 'digits', undefined);
  expect(await exists(resources.deployments, 'sluice-gateway')).toBe(true);
});

/** No kubelet runs the verification, so the test itself says what it would find. */
async function ready(name: string): Promise<void> {
  const { apiVersion, kind, metadata } = await here.cluster.client.get(resources.modelVersions, {
    name,
    namespace: here.cluster.namespace,
  });
  const at = { observedGeneration: 1, lastTransitionTime: '2026-01-05T10:00:00Z' };
  const good = { type: 'Ready', status: 'True', reason: 'Imported', message: 'good', ...at };
  await here.cluster.client.applyStatus(resources.modelVersions, {
    apiVersion,
    kind,
    metadata: { name, namespace: here.cluster.namespace, uid: metadata.uid },
    status: { observedGeneration: 1, conditions: [good] },
  });
}

function deployment(namespace: string): KubeObject {
  const labels = { app: 'probe' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'probe', namespace },
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  } as KubeObject;
}

test('a quota on ConfigMaps, so that there can be no gateway, is on the ModelDeployment', async () => {
  const few = await quota({ 'count/configmaps': '0' });
  await apply(resources.modelDeployments, manifestOf('ModelDeployment'));
  await untilRefused(resources.modelDeployments, 'digits', /ConfigMap sluice-gateway-routes: exceeded quota: few/);
  await remove(quotas, few);
  await untilRefused(resources.modelDeployments, 'digits', undefined);
  expect(await exists(resources.configMaps, 'sluice-gateway-routes')).toBe(true);
});

test('a TrainingJob that takes the place of one of the same name waits until what that one left is gone', async () => {
  await makeClaims(here);
  const uid = '00000000-0000-4000-8000-000000000000';
  const owner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'TrainingJob', name: 'digits', uid, controller: true };
  const labels = { app: 'old' };
  const template = { metadata: { labels }, spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } };
  const old = await apply(resources.jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'digits-1',
      ownerReferences: [owner],
      labels: { 'app.kubernetes.io/managed-by': 'sluice' },
    },
    spec: { template },
  } as KubeObject);
  await apply(resources.trainingJobs, manifestOf('TrainingJob'));
  const readyReason = async () => {
    const found = await here.cluster.client.get(resources.trainingJobs, {
      name: 'digits',
      namespace: here.cluster.namespace,
    });
    return conditionsOf(found).find(({ type }) => type === 'Ready')?.reason;
  };
  await until(async () => (await readyReason()) === 'PredecessorGoing', 20_000);
  await remove(resources.jobs, old);
  await until(async () => (await readyReason()) === 'PodPending', 20_000);
});
