// Watches on a real apiserver behind the fault proxy: whatever happens to a stream, the cache becomes right again.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import type { FaultProxy } from '../../faults/proxy/fault-proxy.ts';
import type { RecordedRequest } from '../../faults/proxy/record.ts';
import type { Fault } from '../../faults/proxy/rules.ts';
import { follow, startBehindProxy } from './behind-proxy.ts';
import { type Cluster, configMap, connect } from './cluster.ts';
import { Ends } from './ends.ts';

const { configMaps } = RESOURCES;
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

const create = (name: string) => cluster.client.create(configMaps, configMap(namespace, name, {}));
const watches = () => proxy.requests({ verbs: ['watch'] });
const lists = () => proxy.requests({ verbs: ['list'] });
const isOpen = () => proxy.openWatches().length === 1;

/** A cache that has its list and an event from its watch: one that ends without any counts as refused. */
async function openCache(options: { silenceMs?: number; watchSeconds?: number } = {}) {
  const { silenceMs = 90_000, watchSeconds = 300 } = options;
  const timing = { silenceMs, shortestWatchSeconds: watchSeconds, longestWatchSeconds: watchSeconds };
  const cache = follow(ends, { client, namespace, timing });
  const has = (name: string) => cache.store.get(`${namespace}/${name}`) !== undefined;
  await until(isOpen);
  await create('before');
  await until(() => has('before'));
  return { ...cache, has };
}

const versionOf = (watch: RecordedRequest | undefined): number =>
  Number(new URL(watch?.path ?? '', proxy.url).searchParams.get('resourceVersion'));

/** Milliseconds from the end of one request to the arrival of another. */
function gapMs(before: RecordedRequest | undefined, after: RecordedRequest | undefined): number {
  if (before?.ms === undefined || after === undefined) throw new Error('a request is missing or has not ended');
  return Date.parse(after.at) - Date.parse(before.at) - before.ms;
}

test('H1: a watch that has gone deaf is noticed and resumed where it was', async () => {
  const { has, total } = await openCache({ silenceMs: 1_000 });
  proxy.openWatches()[0]?.silence();
  await create('unheard');
  await until(() => has('unheard'));
  expect(total('informer_watch_ends_total', { cause: 'silent' })).toBeGreaterThanOrEqual(1);
  expect(lists()).toHaveLength(1);
});

test('H2, H5, H6: a watch that the apiserver ends is resumed at once from its bookmark, without a list', async () => {
  const other = await cluster.createNamespace();
  await openCache({ watchSeconds: 3 });
  for (let at = 0; at < 5; at += 1) await cluster.client.create(configMaps, configMap(other, `busy-${at}`, {}));
  await until(() => watches().length === 2);
  const [first, second] = watches();
  expect(first?.end).toBe('answered');
  expect(versionOf(second)).toBeGreaterThan(versionOf(first));
  expect(gapMs(first, second)).toBeLessThan(700);
  expect(lists()).toHaveLength(1);
});

describe('H3: a watch survives', () => {
  const refusals: [string, Fault, number][] = [
    ['a reset', { kind: 'reset' }, 700],
    ['a 403', { kind: 'refuse', status: 403 }, 700],
    ['H21: a 429 with Retry-After, for which it waits', { kind: 'refuse', status: 429, retryAfterSeconds: 2 }, 1_900],
    ['a 500', { kind: 'refuse', status: 500 }, 700],
    ['a 503', { kind: 'refuse', status: 503 }, 700],
  ];

  test.each(refusals)('%s', async (_, fault, atLeastMs) => {
    const { has } = await openCache();
    proxy.addRule({ match: { verbs: ['watch'] }, fault, times: 1 });
    proxy.openWatches()[0]?.close();
    await until(() => watches().length === 2);
    await create('meanwhile');
    await until(() => has('meanwhile'));
    const [, refused, resumed] = watches();
    expect(gapMs(refused, resumed)).toBeGreaterThanOrEqual(atLeastMs);
    expect(versionOf(resumed)).toBe(versionOf(refused));
    expect(lists()).toHaveLength(1);
  });

  test.each(refusals)('%s of the first list', async (_, fault, atLeastMs) => {
    proxy.addRule({ match: { verbs: ['list'] }, fault, times: 1 });
    await openCache();
    const [refused, answered] = lists();
    expect(gapMs(refused, answered)).toBeGreaterThanOrEqual(atLeastMs);
    expect(lists()).toHaveLength(2);
  });

  test('a stream that is cut in the middle of an event', async () => {
    const { has, store } = await openCache();
    proxy.openWatches()[0]?.close();
    proxy.addRule({ match: { verbs: ['watch'] }, fault: { kind: 'cut', afterBytes: 20, how: 'reset' }, times: 1 });
    await until(() => watches().length === 2);
    await create('torn');
    await until(() => has('torn'));
    expect(store.size).toBe(2);
    expect(lists()).toHaveLength(1);
  });
});

test('H4: after the stop no request leaves, whatever happens to the link', async () => {
  const stopped = await openCache();
  await stopped.end();
  await until(() => proxy.openWatches().length === 0);
  const before = proxy.requests().length;
  const witness = await startBehindProxy(ends, { transport: { userAgent: 'witness' } });
  const running = follow(ends, { client: witness.client, namespace });
  await running.store.synced();
  for (const name of ['first', 'second']) {
    proxy.setLink('cut');
    witness.proxy.setLink('cut');
    proxy.setLink('up');
    witness.proxy.setLink('up');
    await create(name);
    await until(() => running.store.get(`${namespace}/${name}`) !== undefined);
  }
  expect(proxy.requests()).toHaveLength(before);
});

describe('H7: what is no event leads to a new list, and is counted', () => {
  const lies: [string, string, string][] = [
    ['a line that is not JSON', '{"type":"ADDED","object":\n', 'malformed'],
    ['an event of an unknown type', '{"type":"RENAMED","object":{}}\n', 'malformed'],
    ['an object without a name', '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}}\n', 'malformed'],
    ['an error', '{"type":"ERROR","object":{"kind":"Status","code":500,"reason":"InternalError"}}\n', 'status_500'],
  ];

  test.each(lies)('%s', async (_, lie, cause) => {
    const { has, total } = await openCache();
    proxy.openWatches()[0]?.send(lie);
    await until(() => lists().length === 2);
    await create('true');
    await until(() => has('true'));
    expect(total('relist_total', { cause })).toBe(1);
    expect(lists()).toHaveLength(2);
  });
});

test('H3, H8: a deletion and a creation under the same name while the link is cut are told as two', async () => {
  const old = await create('again');
  const { store } = await openCache();
  const told: string[] = [];
  store.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.name} ${object.metadata.uid}`));
  proxy.setLink('cut');
  await cluster.client.delete(configMaps, old.metadata, { uid: old.metadata.uid });
  const renewed = await create('again');
  proxy.setLink('up');
  await until(() => store.get(`${namespace}/again`)?.metadata.uid === renewed.metadata.uid);
  expect(told).toEqual([`deleted again ${old.metadata.uid}`, `added again ${renewed.metadata.uid}`]);
  expect(lists()).toHaveLength(1);
});

test('410 storm: each of eight caches lists once more, after a pause of its own, and not again', async () => {
  const caches = Array.from({ length: 8 }, () => follow(ends, { client, namespace, random: Math.random }));
  const haveAll = (size: number) => caches.every(({ store }) => store.size === size);
  await until(() => proxy.openWatches().length === caches.length);
  await create('before');
  await until(() => haveAll(1));
  const open = proxy.openWatches();
  proxy.addRule({ match: { verbs: ['watch'] }, fault: { kind: 'refuse', status: 410 }, times: 4 });
  for (const each of open.slice(0, 4)) each.close();
  await until(() => watches().filter(({ status }) => status === 410).length === 4);
  for (const each of open.slice(4)) {
    each.send('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n');
  }
  await until(() => lists().length === 16 && proxy.openWatches().length === 8);
  await create('after');
  await until(() => haveAll(2));
  expect(caches.map(({ total }) => total('relist_total', { cause: 'expired' }))).toEqual(caches.map(() => 1));
  expect(lists()).toHaveLength(16);
  const times = lists()
    .slice(8)
    .map(({ at }) => Date.parse(at));
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(50);
});
