// A whole controller behind the fault proxy: refused, ambiguous and misreported writes end in the same state.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { type ApiRequest, WRITE_VERBS } from '../../faults/proxy/api-request.ts';
import type { FaultProxy } from '../../faults/proxy/fault-proxy.ts';
import { isAccepted } from '../../faults/proxy/record.ts';
import type { EventRule, Fault } from '../../faults/proxy/rules.ts';
import { startBehindProxy } from './behind-proxy.ts';
import { type Cluster, configMap, connect } from './cluster.ts';
import { Ends } from './ends.ts';
import { startTwinController } from './twin-controller.ts';

const { configMaps, services } = RESOURCES;
const owners = 10;
/** The machine may be busy with other tests. */
jest.setTimeout(60_000);

const ends = new Ends();
let cluster: Cluster;
let namespace: string;
let proxy: FaultProxy;
let client: KubeClient;

beforeAll(async () => {
  cluster = await connect();
});

beforeEach(async () => {
  namespace = await cluster.createNamespace();
  ({ proxy, client } = await startBehindProxy(ends));
});

afterEach(() => ends.all());
afterAll(() => cluster.close());

async function createOwners(): Promise<void> {
  for (let at = 0; at < owners; at += 1) {
    await cluster.client.create(configMaps, configMap(namespace, `owner-${at}`, {}));
  }
}

/** True for the first request about each object. */
function firstOfEach(): (request: ApiRequest) => boolean {
  const seen = new Set<string>();
  return ({ name }) => seen.size < seen.add(name).size;
}

const listServices = async () => (await cluster.client.list(services, { namespace })).items;
const succeeded = () => proxy.writes().filter(isAccepted);

describe('every first write', () => {
  const faults: [string, Fault][] = [
    ['H21: refused with 429', { kind: 'refuse', status: 429, retryAfterSeconds: 1 }],
    ['refused with 409', { kind: 'refuse', status: 409 }],
    ['refused with 500', { kind: 'refuse', status: 500 }],
    ['reset before it arrives', { kind: 'reset' }],
  ];

  test.each(faults)('%s: everything converges, and nothing is written twice', async (_, fault) => {
    proxy.addRule({ match: { verbs: WRITE_VERBS, resource: 'services', when: firstOfEach() }, fault });
    await createOwners();
    const { children } = startTwinController(ends, { client, namespace });
    await until(() => children.size === owners);
    expect(await listServices()).toHaveLength(owners);
    expect([proxy.writes().length, succeeded().length]).toEqual([2 * owners, owners]);
    const waitsMs = (await listServices()).map(({ metadata: { name } }) => {
      const [refused, written] = proxy.writes({ name });
      return Date.parse(written?.at ?? '') - Date.parse(refused?.at ?? '');
    });
    expect(Math.min(...waitsMs)).toBeGreaterThanOrEqual('retryAfterSeconds' in fault ? 1_000 : 0);
  });

  test('carried out, its answer lost: it is not made again', async () => {
    const match = { verbs: WRITE_VERBS, resource: 'services', when: firstOfEach() };
    proxy.addRule({ match, fault: { kind: 'dropResponse' } });
    await createOwners();
    const { children, controller, total } = startTwinController(ends, { client, namespace });
    await until(() => children.size === owners && total('reconcile_errors_total') === owners);
    for (let at = 0; at < owners; at += 1) controller.enqueue(`${namespace}/owner-${at}`);
    await until(() => total('reconcile_total', { result: 'success' }) >= 2 * owners);
    expect(proxy.writes()).toHaveLength(owners);
    expect(await listServices()).toHaveLength(owners);
  });
});

describe('a watch that', () => {
  const changes = { resource: 'configmaps', type: 'MODIFIED' } as const;
  const rules: [string, EventRule][] = [
    ['tells each event of the owners twice', { events: { resource: 'configmaps' }, edit: 'duplicate' }],
    ['tells each event of the children twice', { events: { resource: 'services' }, edit: 'duplicate' }],
    ['tells every second change after the next one', { events: changes, edit: 'postpone' }],
    ['does not tell of changes', { events: changes, edit: 'drop' }],
    ['does not tell of new owners', { events: { resource: 'configmaps', type: 'ADDED' }, edit: 'drop' }],
    ['does not tell of new children', { events: { resource: 'services', type: 'ADDED' }, edit: 'drop' }],
    ['does not tell of deleted children', { events: { resource: 'services', type: 'DELETED' }, edit: 'drop' }],
  ];

  test.each(rules)('%s: after the next list all is as it should be', async (_, rule) => {
    await cluster.client.create(configMaps, configMap(namespace, 'old', {}));
    const { owners: cache, children, total } = startTwinController(ends, { client, namespace });
    await until(() => children.size === 1 && proxy.openWatches().length === 2);
    const remove = proxy.addRule(rule);
    await createOwners();
    for (const port of ['81', '82']) {
      await cluster.client.apply(configMaps, configMap(namespace, 'old', { port }));
    }
    const [victim] = await listServices();
    if (victim !== undefined) await cluster.client.delete(services, victim.metadata, { uid: victim.metadata.uid });
    await cluster.client.create(configMaps, configMap(namespace, 'told', {}));
    remove();
    for (const each of proxy.openWatches()) {
      each.send('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n');
    }
    await until(() => cache.size === owners + 2 && children.size === owners + 2);
    const portOfOld = () => children.get(`${namespace}/old`) as { spec?: { ports?: { port: number }[] } } | undefined;
    await until(() => portOfOld()?.spec?.ports?.[0]?.port === 82);
    expect(total('reconcile_panics_total')).toBe(0);
    expect((await listServices()).map(({ metadata }) => metadata.name).sort()).toEqual(
      (await cluster.client.list(configMaps, { namespace })).items.map(({ metadata }) => metadata.name).sort(),
    );
  });
});
