// HTTPRoutes on a real apiserver, with the real CRDs of the Gateway API: missing at first, installed while the operator runs.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { installCrds } from '../crds/installed-crds.ts';
import { type Cluster, connect } from '../kube/cluster.ts';
import { conditionsOf, type RunningControllers, runControllers, until } from './controllers-in-cluster.ts';
import { Exposing, type Loose } from './exposing.ts';
import { installGatewayApi } from './gateway-api.ts';

jest.setTimeout(120_000);

let cluster: Cluster;
let controllers: RunningControllers;
let world: Exposing;

beforeAll(async () => {
  cluster = await connect();
  await installCrds(cluster.client);
  controllers = runControllers(cluster);
  world = new Exposing(cluster);
});

afterAll(async () => {
  await controllers.stop();
  await cluster.close();
});

const ready = async () =>
  conditionsOf((await world.read(resources.modelGateways, 'default')) as Loose).find(({ type }) => type === 'Ready');
/** What Ready says once it has the reason. */
async function untilReason(reason: string): Promise<string> {
  let said = await ready();
  await until(async () => {
    said = await ready();
    return said?.reason === reason;
  }).catch((error: unknown) => {
    throw new Error(JSON.stringify(said), { cause: error });
  });
  return said?.message ?? '';
}
const route = (name = 'sluice-gateway') => world.read(resources.httpRoutes, name);
const httpRoute = { gatewayName: 'eg' };

/** No kubelet starts the gateway's pods: what its Deployment would say is said here. */
async function podsAreReady(): Promise<void> {
  const deployment = () => world.read(resources.deployments, 'sluice-gateway');
  await until(async () => (await deployment()) !== undefined);
  const counts = { replicas: 2, updatedReplicas: 2, readyReplicas: 2 };
  await world.say(resources.deployments, 'sluice-gateway', { observedGeneration: 100, ...counts });
}

/** What a controller of the Gateway API writes. */
async function answer(type: string, status: 'True' | 'False', message: string): Promise<void> {
  const { metadata } = (await route()) as Loose;
  const at = { lastTransitionTime: '2026-01-05T10:00:00Z', observedGeneration: metadata.generation };
  const conditions = [{ type, status, reason: status === 'True' ? type : 'NotAllowedByListeners', message, ...at }];
  const parent = { parentRef: { name: 'eg' }, controllerName: 'example.com/gateways', conditions };
  await world.say(resources.httpRoutes, 'sluice-gateway', { parents: [parent] });
}

test('a cluster without the Gateway API is told so, and nothing else waits for it', async () => {
  await world.write(resources.modelDeployments, 'ModelDeployment');
  await podsAreReady();
  await world.expose({ type: 'HTTPRoute', host: 'models.example.com', httpRoute });
  expect(await untilReason('KindUnavailable')).toMatch(/no kind HTTPRoute: install the Gateway API/);
  await until(async () => (await world.read(resources.services, 'sluice-gateway')) !== undefined);
});

test('its CRDs are noticed without a restart, and the route is made as the API takes it', async () => {
  await installGatewayApi(cluster.client);
  await until(async () => (await route()) !== undefined, 30_000);
  expect((await route())?.spec).toMatchObject({
    parentRefs: [{ name: 'eg', kind: 'Gateway' }],
    hostnames: ['models.example.com'],
    rules: [
      {
        matches: [{ path: { type: 'PathPrefix', value: '/v2/models/digits' } }],
        backendRefs: [{ name: 'sluice-gateway', port: 80 }],
        timeouts: { request: '615s' },
      },
    ],
  });
  expect(await untilReason('RouteNotAccepted')).toMatch(/^nobody has answered for Gateway \S+\/eg: does it exist/);
});

test('what the Gateway says against the route is said in its words, until it takes it', async () => {
  await answer('Accepted', 'False', 'no listener allows this namespace');
  await until(async () => (await ready())?.message.includes('no listener allows this namespace') === true);
  await answer('Accepted', 'True', 'taken');
  await until(async () => (await world.gateway())?.['url'] === 'http://models.example.com');
  await until(async () => (await ready())?.reason !== 'RouteNotAccepted');
  const external = 'http://models.example.com/v2/models/digits/infer';
  await until(async () => (await world.deployment())?.['externalUrl'] === external);
});

test('a Gateway that is there gives the address and the scheme', async () => {
  const { namespace } = cluster;
  const listeners = [{ name: 'web', protocol: 'HTTPS', port: 8443, tls: { certificateRefs: [{ name: 'tls' }] } }];
  await cluster.client.apply(resources.outerGateways, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'eg', namespace },
    spec: { gatewayClassName: 'eg', listeners },
  } as KubeObject);
  await world.say(resources.outerGateways, 'eg', { addresses: [{ type: 'IPAddress', value: '203.0.113.7' }] });
  await until(async () => (await world.gateway())?.['address'] === '203.0.113.7');
  expect((await world.gateway())?.['url']).toBe('https://models.example.com:8443');
});

test('what others write into a route is left alone, and a host of its own has a route of its own', async () => {
  const before = ((await route()) as Loose).metadata.resourceVersion;
  await world.write(resources.modelDeployments, 'ModelDeployment', {
    'metadata.name': 'own',
    'spec.model': { name: 'own', track: 'Latest' },
    'spec.expose': { host: 'own.example.com' },
  });
  const all = async () => (await cluster.client.list(resources.httpRoutes, { namespace: cluster.namespace })).items;
  await until(async () => (await all()).length === 2);
  expect(((await route()) as Loose).metadata.resourceVersion).toBe(before);
  await world.expose({ type: 'ClusterIP' });
  await until(async () => (await all()).length === 0);
});
