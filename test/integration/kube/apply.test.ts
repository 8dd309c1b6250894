// Applying whole sets of children on a real apiserver: what is written, what is not, what is left alone.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { applyChildren } from '@sluice/operator/kube/apply/apply.ts';
import type { Desired, Live } from '@sluice/operator/kube/apply/apply-plan.ts';
import { applyStatusIfChanged } from '@sluice/operator/kube/apply/status.ts';
import { controllerOf, type KubeObject, type Resource, type Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { type Cluster, type ConfigMap, configMap, connect, createOwner } from './cluster.ts';

const { configMaps, deployments, jobs, podDisruptionBudgets, services } = RESOURCES;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
});

afterAll(() => cluster.close());

function want(name: string, data: Record<string, string>): Desired {
  return { resource: configMaps, object: configMap(cluster.namespace, name, data) };
}

async function childrenOf(owner: Stored, resources: readonly Resource[] = [configMaps]): Promise<Live[]> {
  const lists = resources.map(async (resource) => {
    const { items } = await cluster.client.list(resource, { namespace: cluster.namespace });
    return items.map((object) => ({ resource, object }));
  });
  const all = (await Promise.all(lists)).flat();
  return all.filter(({ object }) => controllerOf(object)?.uid === owner.metadata.uid);
}

async function apply(owner: Stored, desired: readonly Desired[], live?: readonly Live[]) {
  const common = { owner, ownerResource: configMaps, desired };
  return applyChildren(cluster.client, { ...common, live: live ?? (await childrenOf(owner)) });
}

const nothingInTheWay = { foreign: [], refused: [], unmade: [], failure: undefined };

describe('applyChildren', () => {
  test('creates, leaves alone, updates, heals drift, and prunes', async () => {
    const { client, namespace } = cluster;
    const owner = await createOwner(cluster, 'owner-1');
    const none = { created: 0, updated: 0, deleted: 0, unchanged: 0, ...nothingInTheWay };
    expect(await apply(owner, [want('a', { x: '1' }), want('b', { x: '1' })])).toEqual({ ...none, created: 2 });
    expect(await apply(owner, [want('a', { x: '1' }), want('b', { x: '1' })])).toEqual({ ...none, unchanged: 2 });
    expect(await apply(owner, [want('a', { y: '2' })])).toEqual({ ...none, updated: 1, deleted: 1 });
    const changed = await client.get<ConfigMap>(configMaps, { namespace, name: 'a' });
    expect(changed.data).toEqual({ y: '2' });
    await client.replace<ConfigMap>(configMaps, { ...changed, data: { y: 'drifted' } });
    expect(await apply(owner, [want('a', { y: '2' })])).toEqual({ ...none, updated: 1 });
    expect(await client.find(configMaps, { namespace, name: 'b' })).toBeUndefined();
  });

  test('a cache that is behind causes no write', async () => {
    const owner = await createOwner(cluster, 'owner-2');
    await apply(owner, [want('behind', { x: '1' })]);
    expect(await apply(owner, [want('behind', { x: '1' })], [])).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: 1,
    });
  });

  test('R3: an old view of a child changes and removes nothing', async () => {
    const { client, namespace } = cluster;
    const owner = await createOwner(cluster, 'owner-5');
    await apply(owner, [want('scaled', { replicas: '1' })]);
    const old = await childrenOf(owner);
    await apply(owner, [want('scaled', { replicas: '3' })]);
    for (const desired of [[want('scaled', { replicas: '0' })], []]) {
      await expect(apply(owner, desired, old)).rejects.toMatchObject({ status: 409 });
    }
    expect((await client.get<ConfigMap>(configMaps, { namespace, name: 'scaled' })).data).toEqual({ replicas: '3' });
  });

  test('R3, R10: an old view of the owner changes and removes nothing, though the children are as they were', async () => {
    const { client, namespace } = cluster;
    const old = await createOwner(cluster, 'owner-6');
    await apply(old, [want('kept', { replicas: '3' })]);
    await client.replace<ConfigMap>(configMaps, { ...old, data: { changed: 'yes' } });
    for (const desired of [[want('kept', { replicas: '0' })], []]) {
      await expect(apply(old, desired)).rejects.toMatchObject({ status: 409 });
    }
    expect((await client.get<ConfigMap>(configMaps, { namespace, name: 'kept' })).data).toEqual({ replicas: '3' });
  });

  test('an object of somebody else is reported and not written over', async () => {
    const { client, namespace } = cluster;
    await client.create(configMaps, configMap(namespace, 'foreign', { mine: 'yes' }));
    const owner = await createOwner(cluster, 'owner-3');
    const report = await apply(owner, [want('foreign', { mine: 'no' }), want('ours', {})]);
    expect(report).toMatchObject({ created: 1, foreign: [{ kind: 'ConfigMap', name: 'foreign', namespace }] });
    expect((await client.get<ConfigMap>(configMaps, { namespace, name: 'foreign' })).data).toEqual({ mine: 'yes' });
  });

  test('a kept object whose name somebody else took in the meantime is a conflict, and our own of before is none', async () => {
    const { client, namespace } = cluster;
    const owner = await createOwner(cluster, 'owner-kept');
    const lasting = { ...want('lasting', { from: 'us' }), immutable: true, keep: true };
    const none = { created: 0, updated: 0, deleted: 0, ...nothingInTheWay };
    expect(await apply(owner, [lasting], [])).toEqual({ ...none, created: 1, unchanged: 0 });
    expect(await apply(owner, [lasting], [])).toEqual({ ...none, unchanged: 1 });
    const other = { ...want('taken', { from: 'us' }), immutable: true, keep: true };
    await client.create(configMaps, configMap(namespace, 'taken', { from: 'them' }));
    await expect(apply(owner, [other], [])).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    expect(await client.get<ConfigMap>(configMaps, { namespace, name: 'taken' })).toMatchObject({
      data: { from: 'them' },
    });
  });

  test('the kinds that an operator owns settle: a second round writes nothing', async () => {
    const owner = await createOwner(cluster, 'owner-4');
    const desired = workloads(cluster.namespace);
    const resources = desired.map((each) => each.resource);
    expect(await apply(owner, desired, [])).toMatchObject({ created: desired.length });
    const second = await apply(owner, desired, await childrenOf(owner, resources));
    expect(second).toMatchObject({ created: 0, updated: 0, deleted: 0, unchanged: desired.length });
  });
});

describe('applyStatusIfChanged', () => {
  test('writes the status once, only the status, and refuses an old view', async () => {
    const { client, namespace } = cluster;
    const [, , budget] = workloads(namespace, 'status');
    if (budget === undefined) throw new Error('no budget');
    const created = await client.apply(podDisruptionBudgets, budget.object);
    const status = {
      observedGeneration: 1,
      disruptionsAllowed: 3,
      currentHealthy: 3,
      desiredHealthy: 1,
      expectedPods: 3,
    };
    const write = (live: Stored) => applyStatusIfChanged(client, { resource: podDisruptionBudgets, live, status });
    expect(await write(created)).toMatchObject({ metadata: { uid: created.metadata.uid } });
    await expect(write(created)).rejects.toMatchObject({ status: 409 });
    const current = await client.get<KubeObject & { status: unknown }>(podDisruptionBudgets, created.metadata);
    expect(current.status).toMatchObject({ disruptionsAllowed: 3 });
    expect(await write(current)).toBeUndefined();
  });
});

/** A Deployment, a Service, a disruption budget and a Job as an operator writes them, not in canonical form. */
function workloads(namespace: string, prefix = 'web'): Desired[] {
  const labels = { app: prefix };
  const metadata = { name: prefix, namespace, labels };
  const container = {
    name: 'main',
    image: 'example.test/image:1',
    args: ['serve', '--port=80'],
    env: [
      { name: 'EMPTY', value: '' },
      { name: 'MODE', value: 'fast' },
    ],
    ports: [{ name: 'http', containerPort: 80 }],
    resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { memory: '1024Mi', 'nvidia.com/gpu': 1 } },
    readinessProbe: { httpGet: { path: '/ready', port: 'http' }, initialDelaySeconds: 0, periodSeconds: 5 },
    securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [{ name: 'scratch', mountPath: '/tmp', readOnly: false }],
  };
  const volumes = [{ name: 'scratch', emptyDir: { sizeLimit: '1024Mi' } }];
  const pod = {
    containers: [container],
    volumes,
    nodeSelector: {},
    tolerations: [],
    automountServiceAccountToken: false,
  };
  const template = { metadata: { labels }, spec: pod };
  const deployment = { replicas: 2, selector: { matchLabels: labels }, template };
  const service = { selector: labels, clusterIP: 'None', ports: [{ name: 'http', port: 80, targetPort: 'http' }] };
  const budget = { minAvailable: 1, selector: { matchLabels: labels } };
  const job = { backoffLimit: 0, template: { metadata: { labels }, spec: { ...pod, restartPolicy: 'Never' } } };
  const objects: [Resource, object][] = [
    [deployments, deployment],
    [services, service],
    [podDisruptionBudgets, budget],
    [jobs, job],
  ];
  return objects.map(([resource, spec]) => {
    const apiVersion = resource.group === '' ? 'v1' : `${resource.group}/v1`;
    return { resource, object: { apiVersion, kind: resource.kind, metadata, spec } as KubeObject };
  });
}
