// The gateway's round on a real apiserver: the table is written once per change, never over a newer one or somebody else's.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { routesKey, routesName } from '@sluice/operator/core/gateway/children.ts';
import type { GatewayState } from '@sluice/operator/core/gateway/observed.ts';
import { type RoutingTable, routingTableSchema } from '@sluice/operator/core/gateway/routes.ts';
import type { Obstacle } from '@sluice/operator/kube/apply/apply-round.ts';
import { OwnWrites } from '@sluice/operator/kube/apply/own-writes.ts';
import { RefusedChildren } from '@sluice/operator/kube/apply/refused-children.ts';
import { noInstruments } from '@sluice/operator/kube/instruments.ts';
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { FakeClock } from '@sluice/operator/kube/testing/fake-clock.ts';
import { stored } from '@sluice/operator/kube/testing/stored.ts';
import { type Caches, createStores, listCaches } from '@sluice/operator/shell/caches.ts';
import { GatewayRefusals } from '@sluice/operator/shell/gateway-refusals.ts';
import { createGatewayRound } from '@sluice/operator/shell/gateway-round.ts';
import { knownIdentity } from '@sluice/operator/shell/hop/testing/known-identity.ts';
import { gatewayState } from '@sluice/operator/shell/measure/gateway-state.ts';
import { PodPoller } from '@sluice/operator/shell/measure/pod-poller.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { parseSettings } from '@sluice/operator/shell/settings.ts';
import { tableEveryMs } from '@sluice/operator/shell/table-pace.ts';
import { modelDeployment } from '../../faults/scenarios/manifests.ts';
import { installCrds } from '../crds/installed-crds.ts';
import { type Cluster, type ConfigMap, configMap, connect } from '../kube/cluster.ts';

const settings = parseSettings({
  SLUICE_TRAINER_IMAGE: 'trainer:1',
  SLUICE_SERVER_IMAGE: 'server:1',
  SLUICE_GATEWAY_IMAGE: 'gateway:1',
  SLUICE_XDS_ADDRESS: 'operator:18000',
});
const gateways = new PodPoller<GatewayState>(gatewayState, () => {});

let cluster: Cluster;
let caches: Caches;
/** A round of the operator. */
let roundAtOnce: () => Promise<unknown>;
const clock = new FakeClock();
/** The round of another process with the same cache. */
let successorsRound: () => Promise<unknown>;
const logged: string[] = [];
const opened: { close(): Promise<void> | void }[] = [];

beforeAll(async () => {
  const { client, close } = await connect();
  await installCrds(client);
  await close();
});

beforeEach(async () => {
  cluster = await connect();
  opened.push(cluster);
  caches = createStores();
  roundAtOnce = newRound();
  successorsRound = newRound();
});

function newRound(): () => Promise<unknown> {
  const { client, namespace } = cluster;
  const ownWrites = new OwnWrites({ client, caches: listCaches(caches) });
  opened.push(ownWrites);
  const log = { write: (_level: string, message: string) => void logged.push(message) };
  const shared = {
    identity: knownIdentity,
    gateways,
    gatewayRefusals: new GatewayRefusals(() => {}),
    refused: new RefusedChildren<Obstacle>(),
  };
  const parts = { caches, client, ownWrites, settings, instruments: noInstruments, log, measure: () => {} };
  const reconcile = createGatewayRound({ ...parts, ...shared, clock });
  return () => reconcile(namespace, new AbortController().signal);
}

/** A round of the operator after a while: tables are not written more often. */
async function round(): Promise<unknown> {
  await clock.advance(tableEveryMs);
  return roundAtOnce();
}

afterAll(async () => {
  await gateways.close();
  for (const each of opened) await each.close();
});

/** A ModelDeployment that gives its version a share; the cache has it at once. */
async function deploy(name: string, wantedPercent: number): Promise<Stored> {
  const { client, namespace } = cluster;
  const manifest = { ...modelDeployment(name), metadata: { name, namespace } };
  const { apiVersion, kind, metadata } = await client.apply(resources.modelDeployments, manifest);
  const changedAt = '2026-01-05T10:00:00Z';
  const status = { traffic: [{ revision: 'aaaa', version: `${name}-1`, wantedPercent, changedAt }] };
  const { uid, resourceVersion } = metadata;
  const write = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, status };
  const object = await client.applyStatus(resources.modelDeployments, write);
  caches.modelDeployments.upsert(object);
  return object;
}

const onServer = (): Promise<Stored<ConfigMap> | undefined> =>
  cluster.client.find<ConfigMap>(RESOURCES.configMaps, { namespace: cluster.namespace, name: routesName });

async function table(): Promise<RoutingTable> {
  return routingTableSchema.parse(JSON.parse((await onServer())?.data?.[routesKey] ?? ''));
}

/** The caches of the table and its children catch up with the apiserver. */
async function watch(): Promise<void> {
  const { client, namespace } = cluster;
  for (const kind of ['configMaps', 'deployments', 'podDisruptionBudgets'] as const) {
    for (const object of (await client.list(resources[kind], { namespace })).items) caches[kind].upsert(object);
  }
}

test('writes the table, its owners and what belongs to it, and then nothing more', async () => {
  await deploy('digits', 0);
  await deploy('letters', 0);
  await round();
  await watch();
  expect((await table()).routes.map(({ deployment, port }) => [deployment, port])).toEqual([
    ['digits', 10_000],
    ['letters', 10_001],
  ]);
  const before = await onServer();
  expect(before?.metadata.ownerReferences?.map(({ name, controller }) => [name, controller])).toEqual([
    ['digits', undefined],
    ['letters', undefined],
  ]);
  const { client, namespace } = cluster;
  const gateway = await client.get(RESOURCES.deployments, { namespace, name: 'sluice-gateway' });
  expect(gateway.metadata.ownerReferences).toMatchObject([{ kind: 'ConfigMap', name: routesName, controller: true }]);
  await round();
  expect((await onServer())?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
});

test('writes together what changes within a moment, and waits for nothing while requests are taken back', async () => {
  await deploy('digits', 0);
  await round();
  await watch();
  await deploy('digits', 50);
  await round();
  await watch();
  await deploy('digits', 100);
  expect(await roundAtOnce()).toEqual({ requeueAfterMs: tableEveryMs });
  expect((await table()).version).toBe(2);
  await deploy('digits', 0);
  await roundAtOnce();
  expect(await table()).toMatchObject({ version: 3, routes: [{ backends: [{ percent: 0 }] }] });
});

test('raises the version with each change, and never writes over a table that the cache does not show', async () => {
  await deploy('digits', 0);
  await round();
  await watch();
  await deploy('digits', 100);
  await round();
  expect(await table()).toMatchObject({ version: 2, routes: [{ backends: [{ percent: 100 }] }] });
  await deploy('digits', 50);
  await round();
  await expect(successorsRound()).rejects.toMatchObject({ status: 409 });
  expect((await table()).version).toBe(2);
  await watch();
  await round();
  expect(await table()).toMatchObject({ version: 3, routes: [{ backends: [{ percent: 50 }] }] });
});

test('leaves a table alone that the cache does not show yet', async () => {
  await deploy('digits', 0);
  await round();
  await expect(round()).rejects.toMatchObject({ status: 409 });
  expect((await table()).version).toBe(1);
});

test('is not made again for a ModelDeployment that is gone, whatever the cache says', async () => {
  const { metadata } = await deploy('digits', 0);
  await cluster.client.delete(resources.modelDeployments, metadata, { uid: metadata.uid });
  await expect(round()).rejects.toMatchObject({ status: 409 });
  expect(await onServer()).toBeUndefined();
});

test('says when somebody else has a ConfigMap of that name, and does not touch it', async () => {
  await deploy('digits', 0);
  await cluster.client.create(RESOURCES.configMaps, configMap(cluster.namespace, routesName, { theirs: 'yes' }));
  await expect(round()).resolves.toEqual({ requeueAfterMs: 5_000 });
  expect(logged).toEqual([expect.stringContaining(`ConfigMap ${routesName} belongs to something else`)]);
  expect((await onServer())?.data).toEqual({ theirs: 'yes' });
});

test('looks again while a gateway pod is to take the table: one that stays silent wakes nobody', async () => {
  await deploy('digits', 0);
  await round();
  await watch();
  const { namespace } = cluster;
  const gateway = caches.deployments.get(`${namespace}/sluice-gateway`)?.metadata.uid ?? '';
  const by = (kind: string, uid: string) => [{ apiVersion: 'apps/v1', kind, name: uid, uid, controller: true }];
  caches.replicaSets.upsert(stored({ name: 'set', namespace, ownerReferences: by('Deployment', gateway) }));
  const pod = { name: 'gateway-1', namespace, ownerReferences: by('ReplicaSet', 'uid-of-set') };
  caches.pods.upsert(stored(pod, { status: { podIP: '10.0.0.1' } }));
  await expect(round()).resolves.toEqual({ requeueAfterMs: 10_000 });
});

test('does nothing when no ModelDeployment is left: the table is the garbage collector’s', async () => {
  await round();
  expect(await onServer()).toBeUndefined();
});
