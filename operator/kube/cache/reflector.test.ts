// Checks the reflector against a local server that speaks the watch protocol and breaks it in every known way.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeClient } from '../client.ts';
import type { KubeObject } from '../objects.ts';
import { RESOURCES } from '../resources.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { FakePods, pod } from '../testing/fake-pods.ts';
import { sendJson, startTestServer, type TestServer } from '../testing/http-server.ts';
import { until } from '../testing/until.ts';
import { createTransport, type Transport } from '../transport/transport.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { Store } from './store.ts';

let server: TestServer;
let transport: Transport;
let pods: FakePods;
let clock: FakeClock;
let store: Store;
let stop: AbortController;
let running: Promise<void>;
let counted: string[];

function start(options: Partial<ReflectorOptions<KubeObject>> = {}): void {
  const client = new KubeClient(transport, { fieldManager: 'test' });
  const count = (name: string, labels: Record<string, string> = {}): void => {
    counted.push(`${name} ${labels['cause'] ?? ''}`);
  };
  const instruments = { count, gauge: () => {}, observe: () => {} };
  const common = { client, resource: RESOURCES.pods, store, clock, random: () => 0.5, instruments };
  running = new Reflector({ ...common, ...options }).run(stop.signal);
}

async function startAndWatch(options: Partial<ReflectorOptions<KubeObject>> = {}): Promise<void> {
  start(options);
  await until(() => pods.watches.length === 1);
}

/** True when the reflector sleeps for `ms`: the one timer that is armed then. */
function sleepsFor(ms: number): () => boolean {
  return () => clock.nextTimerMs() === ms;
}

beforeEach(async () => {
  pods = new FakePods();
  server = await startTestServer(pods.answer);
  transport = createTransport(server.access, { userAgent: 'test' });
  clock = new FakeClock();
  store = new Store();
  stop = new AbortController();
  counted = [];
});

afterEach(async () => {
  stop.abort();
  await running;
  await transport.close();
  await server.close();
});

describe('list and watch', () => {
  test('fills the store from the list, then follows the watch from the version of the list', async () => {
    pods.items = [pod('a', '5')];
    await startAndWatch();
    expect(store.hasSynced()).toBe(true);
    expect(pods.watches[0]?.version).toBe('10');
    pods.send('ADDED', pod('b', '11'));
    pods.send('DELETED', pod('a', '12'));
    await until(() => store.size === 1 && store.get('default/b') !== undefined);
    expect(store.get('default/b')?.metadata.managedFields).toBeUndefined();
  });

  test('H2, H6: asks for bookmarks and for five to ten minutes of watching', async () => {
    await startAndWatch();
    const watch = server.seen.find((each) => each.query.get('watch') === 'true');
    expect(watch?.query.get('allowWatchBookmarks')).toBe('true');
    expect(watch?.query.get('timeoutSeconds')).toBe('450');
  });

  test('H18: lists in pages and takes them in as one list', async () => {
    server.answer((request, response) => {
      if (request.query.get('watch') === 'true') pods.answer(request, response);
      else if (request.query.get('continue') === 'more') {
        sendJson(response, { metadata: { resourceVersion: '10' }, items: [pod('b', '2')] });
      } else sendJson(response, { metadata: { resourceVersion: '10', continue: 'more' }, items: [pod('a', '1')] });
    });
    await startAndWatch();
    const limits = server.seen.flatMap(({ query }) => query.get('limit') ?? []);
    expect(limits).toEqual(['100', '500']);
    expect(store.size).toBe(2);
  });

  test('H18: metadata-only asks for nothing else', async () => {
    await startAndWatch({ metadataOnly: true });
    expect(server.seen.map((each) => each.headers.accept)).toEqual([
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    ]);
  });
});

describe('recovery', () => {
  test('H5, H6: a clean close resumes at once from the last bookmark, without a list', async () => {
    await startAndWatch();
    pods.send('BOOKMARK', pod('', '42'));
    pods.stream.end();
    await until(() => pods.watches.length === 2);
    expect(pods.watches[1]?.version).toBe('42');
    expect(pods.lists).toHaveLength(1);
  });

  test('H5: watches that are closed as soon as they open back off', async () => {
    await startAndWatch();
    pods.stream.end();
    await until(sleepsFor(1200));
    expect(pods.watches).toHaveLength(1);
  });

  test('H3: a reset connection backs off and resumes from the last event, without a list', async () => {
    await startAndWatch();
    pods.send('ADDED', pod('a', '11'));
    await until(() => store.size === 1);
    pods.stream.destroy();
    await until(sleepsFor(1200));
    await clock.advance(1200);
    await until(() => pods.watches.length === 2);
    expect(pods.watches[1]?.version).toBe('11');
    expect(pods.lists).toHaveLength(1);
  });

  test.each([
    ['as an event', 200],
    ['as a status', 410],
  ])('H3: an expired version, told %s, causes one list after a jittered pause', async (_how, status) => {
    await startAndWatch();
    const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    if (status === 200) pods.send('ERROR', expired);
    else {
      pods.refusal = { status, body: expired };
      pods.send('BOOKMARK', pod('', '11'));
      pods.stream.end();
    }
    await until(sleepsFor(400));
    pods.refusal = undefined;
    pods.listVersion = '50';
    await clock.advance(400);
    await until(() => pods.watches.length === 2);
    expect(pods.watches[1]?.version).toBe('50');
    expect(pods.lists).toHaveLength(2);
    expect(counted).toContain('relist_total expired');
  });

  test('H1: a half-open watch is noticed after 90 seconds of silence and resumed', async () => {
    await startAndWatch();
    pods.send('BOOKMARK', pod('', '20'));
    await until(() => clock.nextTimerMs() === 90_000);
    await clock.advance(89_999);
    expect(pods.watches).toHaveLength(1);
    await clock.advance(1);
    await until(() => pods.watches.length === 2);
    expect(pods.watches[1]?.version).toBe('20');
    expect(counted).toContain('informer_watch_ends_total silent');
  });

  test('H1: a watch that is silent again is of a version that the apiserver does not know: it lists anew', async () => {
    await startAndWatch();
    await clock.advance(90_000);
    await until(() => pods.watches.length === 2);
    expect(pods.lists).toHaveLength(1);
    await clock.advance(90_000);
    await until(sleepsFor(1_200));
    pods.items = [pod('restored', '3')];
    pods.listVersion = '4';
    await clock.advance(1_200);
    await until(() => pods.watches.length === 3);
    expect(pods.watches.at(-1)?.version).toBe('4');
    expect(store.get('default/restored')).toBeDefined();
    expect(counted).toContain('relist_total deaf');
  });

  test('a version that the apiserver has not reached is given up after a pause', async () => {
    await startAndWatch();
    const details = { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large' }], retryAfterSeconds: 3 };
    pods.refusal = { status: 504, body: { reason: 'Timeout', message: 'Too large resource version', details } };
    pods.send('BOOKMARK', { metadata: { resourceVersion: '12' } });
    pods.stream.end();
    await until(sleepsFor(3_000));
    pods.refusal = undefined;
    await clock.advance(3_000);
    await until(() => pods.lists.length === 2);
    expect(counted).toContain('relist_total too_large');
  });

  test('H1: a byte ends the silence', async () => {
    await startAndWatch();
    await clock.advance(89_000);
    pods.stream.write('\n');
    await until(() => clock.nextTimerMs() === 90_000);
    await clock.advance(89_000);
    expect(pods.watches).toHaveLength(1);
  });

  test('H7: a malformed line is counted and causes a list', async () => {
    await startAndWatch();
    pods.stream.write('{"type":"ADDED","obj\n');
    await until(sleepsFor(1200));
    await clock.advance(1200);
    await until(() => pods.watches.length === 2);
    expect(pods.lists).toHaveLength(2);
    expect(counted).toContain('relist_total malformed');
  });

  test('H8: delete and recreate while nobody watched is told as two objects', async () => {
    pods.items = [pod('a', '5', 'old')];
    await startAndWatch();
    const told: string[] = [];
    store.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.uid}`));
    pods.items = [pod('a', '40', 'new')];
    pods.send('ERROR', { code: 410, reason: 'Expired', message: 'too old' });
    await until(sleepsFor(400));
    await clock.advance(400);
    await until(() => pods.watches.length === 2);
    expect(told).toEqual(['deleted old', 'added new']);
  });

  test('H21: 429 on a list is retried when the apiserver says, not before', async () => {
    pods.refusal = { status: 429, body: { reason: 'TooManyRequests' }, headers: { 'Retry-After': '9' } };
    start();
    await until(sleepsFor(9_000));
    pods.refusal = undefined;
    await clock.advance(8_999);
    expect(server.seen).toHaveLength(1);
    await clock.advance(1);
    await until(() => pods.watches.length === 1);
  });

  test.each([401, 403, 500, 503])('H3: status %d is survived', async (status) => {
    pods.refusal = { status, body: {} };
    start();
    await until(sleepsFor(1200));
    await clock.advance(1200);
    await until(sleepsFor(2400));
    pods.refusal = undefined;
    await clock.advance(2400);
    await until(() => pods.watches.length === 1);
  });
});

describe('stop', () => {
  test('H4: after the stop no request leaves, not even when the connection breaks', async () => {
    await startAndWatch();
    stop.abort();
    await running;
    const requests = server.seen.length;
    await clock.advance(600_000);
    expect(server.seen).toHaveLength(requests);
    expect(counted).toEqual([]);
    expect(clock.nextTimerMs()).toBeUndefined();
  });

  test('H4: a stop in the middle of the back-off ends it', async () => {
    pods.refusal = { status: 500, body: {} };
    start();
    await until(sleepsFor(1200));
    stop.abort();
    await running;
    expect(server.seen).toHaveLength(1);
  });
});

describe('a kind that may be missing', () => {
  test.each([
    [404, 'Absent'],
    [403, 'Forbidden'],
  ] as const)('is empty and no longer waited for after a %d, and is found when it comes', async (status, why) => {
    pods.refusal = { status, body: {} };
    start({ isOptional: true });
    await store.synced();
    expect([store.missing, store.size]).toEqual([why, 0]);
    await until(sleepsFor(5_000));
    pods.items = [pod('a', '5')];
    pods.refusal = undefined;
    await clock.advance(5_000);
    await until(() => store.missing === undefined);
    expect(store.size).toBe(1);
    expect(counted).not.toContainEqual(expect.stringContaining(`status_${status}`));
  });

  test('is empty again when it goes in the middle of a watch', async () => {
    await startAndWatch({ isOptional: true });
    pods.send('ADDED', pod('a', '11'));
    await until(() => store.size === 1);
    pods.refusal = { status: 404, body: {} };
    pods.stream.end();
    await until(() => store.missing === 'Absent');
    expect(store.size).toBe(0);
  });

  test('is waited for when it is not optional', async () => {
    pods.refusal = { status: 404, body: {} };
    start();
    await until(() => clock.nextTimerMs() !== undefined);
    expect([store.hasSynced(), store.missing]).toEqual([false, undefined]);
  });
});
