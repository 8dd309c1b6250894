// The apiserver dies and comes back while a controller works: it waits with patience, and goes on where it was.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { isAccepted } from '../../faults/proxy/record.ts';
import { type Apiserver, startApiserver } from '../apiserver.ts';
import { startBehindProxy } from './behind-proxy.ts';
import { type Cluster, configMap, connect } from './cluster.ts';
import { Ends } from './ends.ts';
import { startTwinController } from './twin-controller.ts';

/** The machine may be busy with other tests. */
jest.setTimeout(120_000);

const { configMaps } = RESOURCES;
const ends = new Ends();
let apiserver: Apiserver;
let cluster: Cluster;

beforeAll(async () => {
  apiserver = await startApiserver();
  cluster = await connect(apiserver.kubeconfigPath);
});

afterAll(async () => {
  await ends.all();
  await cluster.close();
  await apiserver.stop();
});

test('H3, R4: a restart of the apiserver costs each watch a few patient tries and at most one list', async () => {
  const { namespace } = cluster;
  const { proxy, client } = await startBehindProxy(ends, { proxy: { kubeconfig: apiserver.kubeconfigPath } });
  const create = (name: string) => cluster.client.create(configMaps, configMap(namespace, name, {}));
  const { children } = startTwinController(ends, { client, namespace });
  await create('before');
  await until(() => children.size === 1);
  const triesOf = (resource: string) => proxy.requests({ verbs: ['watch', 'list'], resource });
  const before = { configmaps: triesOf('configmaps').length, services: triesOf('services').length };
  const diedAtMs = performance.now();
  await apiserver.crash();
  const hasTriedTwice = (resource: 'configmaps' | 'services') => triesOf(resource).length >= before[resource] + 2;
  await until(() => hasTriedTwice('configmaps') && hasTriedTwice('services'), 30_000);
  await apiserver.comeBack();
  await create('after');
  await until(() => children.size === 2, 60_000);
  const seconds = (performance.now() - diedAtMs) / 1000;
  for (const resource of ['configmaps', 'services'] as const) {
    const tries = triesOf(resource).slice(before[resource]);
    expect(tries.length).toBeLessThanOrEqual(1 + Math.ceil(seconds));
    expect(tries.filter(({ verb }) => verb === 'list').length).toBeLessThanOrEqual(1);
  }
  expect(proxy.writes({ resource: 'services' }).filter(isAccepted)).toHaveLength(2);
});
