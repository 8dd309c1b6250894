// The way into a namespace on a real apiserver: what a cloud writes comes to be the URL on each ModelDeployment, and nothing
// of a cloud's is fought over.
import { beforeEach, expect, jest, test } from '@jest/globals';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { conditionsOf, eachInControlledNamespace, until } from './controllers-in-cluster.ts';
import { Exposing, type Loose } from './exposing.ts';

jest.setTimeout(60_000);

const here = eachInControlledNamespace();
let world: Exposing;

beforeEach(() => {
  world = new Exposing(here.cluster);
});

const service = () => world.read(resources.services, 'sluice-gateway');

/** As a cloud's controller does. */
async function giveAddress(ip: string): Promise<void> {
  await until(async () => (await service())?.spec?.['type'] === 'LoadBalancer');
  const { apiVersion, kind, metadata } = (await service()) as Loose;
  const { name, namespace, uid } = metadata;
  const status = { loadBalancer: { ingress: [{ ip }] } };
  await here.cluster.client.applyStatus(resources.services, {
    apiVersion,
    kind,
    metadata: { name, namespace, uid },
    status,
  });
}

test('a balancer that is given an address is the URL of each model; one that waits says so', async () => {
  await world.write(resources.modelDeployments, 'ModelDeployment');
  await world.expose({ type: 'LoadBalancer', loadBalancer: { sourceRanges: ['203.0.113.0/24'] } });
  await until(async () => (await service()) !== undefined);
  expect(await world.gateway()).not.toHaveProperty('address');
  await giveAddress('203.0.113.7');
  await until(async () => (await world.gateway())?.['address'] === '203.0.113.7');
  await until(async () => (await world.deployment())?.['externalUrl'] === 'http://203.0.113.7/v2/models/digits/infer');
});

test('what a cloud writes into the Service stays, and nothing is written against it', async () => {
  await world.expose({ type: 'LoadBalancer' });
  await giveAddress('203.0.113.8');
  await until(async () => (await world.gateway())?.['url'] === 'http://203.0.113.8');
  const before = (await service()) as Loose;
  const { name, namespace } = before.metadata;
  const metadata = {
    name,
    namespace,
    annotations: { 'cloud.example.com/id': 'lb-1' },
    finalizers: ['service.kubernetes.io/load-balancer-cleanup'],
  };
  const cloud = new KubeClient(here.cluster.transport, { fieldManager: 'cloud' });
  const written = await cloud.apply(resources.services, { apiVersion: 'v1', kind: 'Service', metadata } as KubeObject);
  await world.expose({ type: 'LoadBalancer', host: 'models.example.com' });
  await until(async () => (await world.gateway())?.['url'] === 'http://models.example.com');
  expect((await service())?.metadata.resourceVersion).toBe(written.metadata.resourceVersion);
  await cloud.apply(resources.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
  } as KubeObject);
});

test('back to ClusterIP nothing of the balancer is left, and without expose no Service', async () => {
  await world.write(resources.modelDeployments, 'ModelDeployment');
  const loadBalancer = {
    className: 'example.com/lb',
    sourceRanges: ['203.0.113.0/24'],
    externalTrafficPolicy: 'Local',
  };
  await world.expose({ type: 'LoadBalancer', annotations: { 'example.com/size': 'small' }, loadBalancer });
  await giveAddress('203.0.113.9');
  await until(async () => (await world.gateway())?.['address'] === '203.0.113.9');
  await world.expose({ type: 'ClusterIP' });
  await until(async () => (await service())?.spec?.['type'] === 'ClusterIP');
  const left = (await service()) as Loose;
  const balanced = ['loadBalancerClass', 'loadBalancerSourceRanges', 'externalTrafficPolicy', 'healthCheckNodePort'];
  for (const field of balanced) expect(left.spec).not.toHaveProperty(field);
  expect(left.metadata.annotations).not.toHaveProperty(['example.com/size']);
  const inside = `http://sluice-gateway.${here.cluster.namespace}`;
  await until(async () => (await world.deployment())?.['externalUrl'] === `${inside}/v2/models/digits/infer`);
  await world.expose(undefined);
  await until(async () => (await service()) === undefined);
  await until(async () => (await world.deployment())?.['externalUrl'] === undefined);
  expect(await world.gateway()).not.toHaveProperty('address');
});

test('of two that want one place the younger says who has it, and gets it when that one goes', async () => {
  await world.write(resources.modelDeployments, 'ModelDeployment', { 'spec.expose': { path: '/d' } });
  const second = { 'metadata.name': 'zweite', 'spec.expose': { path: '/d' } };
  await world.write(resources.modelDeployments, 'ModelDeployment', second);
  await until(async () => (await world.deployment())?.['gateway'] !== undefined);
  await world.expose({ type: 'ClusterIP' });
  await until(async () => (await world.deployment())?.['externalUrl'] !== undefined);
  const said = async () =>
    conditionsOf((await world.read(resources.modelDeployments, 'zweite')) as Loose).find(
      ({ type }) => type === 'NotExposed',
    );
  await until(async () => (await said())?.reason === 'PlaceTaken');
  expect(await said()).toMatchObject({
    reason: 'PlaceTaken',
    message: expect.stringContaining('ModelDeployment digits'),
  });
  const { metadata } = (await world.read(resources.modelDeployments, 'digits')) as Loose;
  await here.cluster.client.delete(resources.modelDeployments, metadata, { uid: metadata.uid });
  await until(async () => (await said()) === undefined);
});

const ready = async () =>
  conditionsOf((await world.read(resources.modelGateways, 'default')) as Loose).find(({ type }) => type === 'Ready');

test('an Ingress leads to the places of models, is given an address, and goes with its type', async () => {
  await world.write(resources.modelDeployments, 'ModelDeployment', {
    'spec.expose': { host: 'd.example.com', path: '/' },
  });
  const ingress = { className: 'nginx', tlsSecretName: 'models-tls' };
  const annotations = { 'cert-manager.io/cluster-issuer': 'letsencrypt' };
  await world.expose({ type: 'Ingress', host: 'models.example.com', annotations, ingress });
  const made = () => world.read(resources.ingresses, 'sluice-gateway');
  const hosts = async () => ((await made())?.spec?.['tls'] as { hosts: string[] }[] | undefined)?.[0]?.hosts;
  await until(async () => (await hosts())?.includes('d.example.com') === true);
  expect((await made())?.metadata.annotations).toMatchObject(annotations);
  await world.say(resources.ingresses, 'sluice-gateway', {
    loadBalancer: { ingress: [{ hostname: 'lb.example.net' }] },
  });
  await until(async () => (await world.gateway())?.['address'] === 'lb.example.net');
  await until(
    async () => (await world.deployment())?.['externalUrl'] === 'https://d.example.com/v2/models/digits/infer',
  );
  const { resourceVersion } = ((await made()) as Loose).metadata;
  await world.expose({ type: 'Ingress', host: 'models.example.com', annotations, ingress, trustedProxies: 2 });
  await until(async () => (await world.gateway())?.['observedGeneration'] === 2);
  expect((await made())?.metadata.resourceVersion).toBe(resourceVersion);
  await world.expose({ type: 'ClusterIP' });
  await until(async () => (await made()) === undefined);
});

test('what the controller of an Ingress warns of is on the ModelGateway', async () => {
  await world.expose({ type: 'Ingress' });
  await until(async () => (await world.read(resources.ingresses, 'sluice-gateway')) !== undefined);
  const { metadata } = (await world.read(resources.ingresses, 'sluice-gateway')) as Loose;
  const { name, namespace, uid } = metadata;
  await here.cluster.client.create(RESOURCES.events, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'trouble', namespace },
    type: 'Warning',
    reason: 'FailedBuildModel',
    note: 'no subnet has the tag kubernetes.io/role/elb',
    action: 'Sync',
    eventTime: new Date().toISOString().replace('Z', '000Z'),
    reportingController: 'ingress.k8s.aws/alb',
    reportingInstance: 'alb-1',
    regarding: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name, namespace, uid },
  } as KubeObject);
  await until(
    async () => (await ready())?.message.includes('FailedBuildModel: no subnet has the tag') === true,
    30_000,
  );
  expect(await ready()).toMatchObject({ status: 'False', reason: 'AddressPending' });
});
