// The way into a namespace on a real apiserver: what a cloud writes comes to be the URL on each ModelDeployment, and nothing
// of a cloud's is fought over.
import { afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { installCrds } from '../crds/installed-crds.ts';
import { changed, minimal } from '../crds/manifests.ts';
import { type Cluster, connect } from '../kube/cluster.ts';
import { conditionsOf, type RunningControllers, runControllers, until } from './controllers-in-cluster.ts';

jest.setTimeout(60_000);

type Loose = Stored & { spec?: Record<string, unknown>; status?: Record<string, unknown> };

let cluster: Cluster;
let controllers: RunningControllers;

beforeAll(async () => {
  const { client, close } = await connect();
  await installCrds(client);
  await close();
});

beforeEach(async () => {
  cluster = await connect();
  controllers = runControllers(cluster);
});

afterEach(async () => {
  await controllers.stop();
  await cluster.close();
});

const write = (resource: Resource, kind: string, changes = {}): Promise<Stored> => {
  const manifest = changed(minimal[kind] as never, { 'metadata.namespace': cluster.namespace, ...changes });
  return cluster.client.apply(resource, manifest);
};
const expose = (value: object | undefined) => write(resources.modelGateways, 'ModelGateway', { 'spec.expose': value });
const read = (resource: Resource, name: string) =>
  cluster.client.find<Loose>(resource, { name, namespace: cluster.namespace });
const gateway = async () => (await read(resources.modelGateways, 'default'))?.status;
const service = () => read(resources.services, 'sluice-gateway');
const deployment = async () => (await read(resources.modelDeployments, 'digits'))?.status;

/** As a cloud's controller does. */
async function giveAddress(ip: string): Promise<void> {
  await until(async () => (await service())?.spec?.['type'] === 'LoadBalancer');
  const { apiVersion, kind, metadata } = (await service()) as Loose;
  const { name, namespace, uid } = metadata;
  const status = { loadBalancer: { ingress: [{ ip }] } };
  await cluster.client.applyStatus(resources.services, {
    apiVersion,
    kind,
    metadata: { name, namespace, uid },
    status,
  });
}

test('a balancer that is given an address is the URL of each model; one that waits says so', async () => {
  await write(resources.modelDeployments, 'ModelDeployment');
  await expose({ type: 'LoadBalancer', loadBalancer: { sourceRanges: ['203.0.113.0/24'] } });
  await until(async () => (await service()) !== undefined);
  expect(await gateway()).not.toHaveProperty('address');
  await giveAddress('203.0.113.7');
  await until(async () => (await gateway())?.['address'] === '203.0.113.7');
  await until(async () => (await deployment())?.['externalUrl'] === 'http://203.0.113.7/v2/models/digits/infer');
});

test('what a cloud writes into the Service stays, and nothing is written against it', async () => {
  await expose({ type: 'LoadBalancer' });
  await giveAddress('203.0.113.8');
  await until(async () => (await gateway())?.['url'] === 'http://203.0.113.8');
  const before = (await service()) as Loose;
  const { name, namespace } = before.metadata;
  const metadata = {
    name,
    namespace,
    annotations: { 'cloud.example.com/id': 'lb-1' },
    finalizers: ['service.kubernetes.io/load-balancer-cleanup'],
  };
  const cloud = new KubeClient(cluster.transport, { fieldManager: 'cloud' });
  const written = await cloud.apply(resources.services, { apiVersion: 'v1', kind: 'Service', metadata } as KubeObject);
  await expose({ type: 'LoadBalancer', host: 'models.example.com' });
  await until(async () => (await gateway())?.['url'] === 'http://models.example.com');
  expect((await service())?.metadata.resourceVersion).toBe(written.metadata.resourceVersion);
  await cloud.apply(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
  } as KubeObject);
});

test('back to ClusterIP nothing of the balancer is left, and without expose no Service', async () => {
  await write(resources.modelDeployments, 'ModelDeployment');
  const loadBalancer = {
    className: 'example.com/lb',
    sourceRanges: ['203.0.113.0/24'],
    externalTrafficPolicy: 'Local',
  };
  await expose({ type: 'LoadBalancer', annotations: { 'example.com/size': 'small' }, loadBalancer });
  await giveAddress('203.0.113.9');
  await until(async () => (await gateway())?.['address'] === '203.0.113.9');
  await expose({ type: 'ClusterIP' });
  await until(async () => (await service())?.spec?.['type'] === 'ClusterIP');
  const left = (await service()) as Loose;
  const balanced = ['loadBalancerClass', 'loadBalancerSourceRanges', 'externalTrafficPolicy', 'healthCheckNodePort'];
  for (const field of balanced) expect(left.spec).not.toHaveProperty(field);
  expect(left.metadata.annotations).not.toHaveProperty(['example.com/size']);
  const inside = `http://sluice-gateway.${cluster.namespace}`;
  await until(async () => (await deployment())?.['externalUrl'] === `${inside}/v2/models/digits/infer`);
  await expose(undefined);
  await until(async () => (await service()) === undefined);
  await until(async () => (await deployment())?.['externalUrl'] === undefined);
  expect(await gateway()).not.toHaveProperty('address');
});

test('of two that want one place the younger says who has it, and gets it when that one goes', async () => {
  await expose({});
  await write(resources.modelDeployments, 'ModelDeployment', { 'spec.expose': { path: '/d' } });
  await until(async () => (await deployment())?.['externalUrl'] !== undefined);
  const second = { 'metadata.name': 'zweite', 'spec.expose': { path: '/d' } };
  await write(resources.modelDeployments, 'ModelDeployment', second);
  const said = async () =>
    conditionsOf((await read(resources.modelDeployments, 'zweite')) as Loose).find(({ type }) => type === 'NotExposed');
  await until(async () => (await said()) !== undefined);
  expect(await said()).toMatchObject({
    reason: 'PlaceTaken',
    message: expect.stringContaining('ModelDeployment digits'),
  });
  const { metadata } = (await read(resources.modelDeployments, 'digits')) as Loose;
  await cluster.client.delete(resources.modelDeployments, metadata, { uid: metadata.uid });
  await until(async () => (await said()) === undefined);
});
