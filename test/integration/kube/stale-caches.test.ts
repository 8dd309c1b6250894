// A controller that starts with caches from the past, all of them or some: it changes and removes nothing that is right,
// and makes nothing that is not wanted any more.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { isAccepted } from '../../faults/proxy/record.ts';
import type { Match } from '../../faults/proxy/rules.ts';
import { startBehindProxy } from './behind-proxy.ts';
import { type Cluster, configMap, connect } from './cluster.ts';
import { Ends } from './ends.ts';
import { startTwinController } from './twin-controller.ts';

/** The machine may be busy with other tests. */
jest.setTimeout(60_000);

const { configMaps, services } = RESOURCES;
const ends = new Ends();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
});

afterEach(() => ends.all());
afterAll(() => cluster.close());

/** Owners whose children have changed, come, gone, and been made anew since; and one whose child was never made then. */
async function changeTheWorld(namespace: string): Promise<{ readonly past: string }> {
  const { client } = cluster;
  const { proxy, client: behind } = await startBehindProxy(ends);
  const put = (name: string, port: string) => client.apply(configMaps, configMap(namespace, name, { port }));
  const { children, end } = startTwinController(ends, { client: behind, namespace });
  const hasAll = (names: readonly string[]) => names.every((name) => children.get(`${namespace}/${name}`));
  await Promise.all([put('changed', '80'), put('came', 'none'), put('went', '80'), put('anew', '80')]);
  await until(() => children.size === 3);
  await client.create(configMaps, configMap(namespace, 'late', { port: '80' }));
  proxy.addRule({ match: { resource: 'services', name: 'late' }, fault: { kind: 'delay', ms: 1_000 } });
  const past = await proxy.presentVersion();
  await Promise.all([put('changed', '82'), put('came', '82'), put('went', 'none'), put('late', '82')]);
  const old = await client.get(configMaps, { namespace, name: 'anew' });
  await client.delete(configMaps, old.metadata, { uid: old.metadata.uid });
  const orphan = await client.get(services, { namespace, name: 'anew' });
  await client.delete(services, orphan.metadata, { uid: orphan.metadata.uid });
  await put('anew', '82');
  const ports = async () => (await client.list(services, { namespace })).items.map(portOf);
  await until(() => hasAll(['changed', 'came', 'late', 'anew']) && children.size === 4);
  while ((await ports()).some((port) => port !== 82)) await delay(20);
  await end();
  return { past };
}

function portOf(service: object): number | undefined {
  return (service as { spec?: { ports?: { port: number }[] } }).spec?.ports?.[0]?.port;
}

const frozen: [string, Match][] = [
  ['everything', {}],
  ['the owners alone', { resource: 'configmaps' }],
  ['the children alone', { resource: 'services' }],
];

test.each(frozen)(
  'R3: with %s as it was, nothing is made, and nothing that is right is changed or removed; then all is as before',
  async (_, match) => {
    const namespace = await cluster.createNamespace();
    const { past } = await changeTheWorld(namespace);
    const read = async () => {
      const { items } = await cluster.client.list(services, { namespace });
      return items.map((each) => `${each.metadata.name} ${each.metadata.uid} ${portOf(each)}`).sort();
    };
    const before = await read();
    const { proxy, client } = await startBehindProxy(ends);
    const thaw = await proxy.freeze(match, past);
    const { owners, children, reconciled } = startTwinController(ends, { client, namespace });
    await until(() => reconciled.size === 5);
    expect(await read()).toEqual(before);
    expect(proxy.writes().filter(isAccepted)).toEqual([]);
    thaw();
    await until(() => owners.size === 5 && children.size === 4);
    await cluster.client.apply(configMaps, configMap(namespace, 'changed', { port: '83' }));
    await until(() => portOf(children.get(`${namespace}/changed`) ?? {}) === 83 && children.size === 4);
    expect(await read()).toEqual(before.map((each) => each.replace(/^(changed .*) 82$/, '$1 83')));
  },
);
