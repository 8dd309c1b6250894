// Each fault as a client sees it and as the server behind the proxy does. On a real apiserver: test/integration/kube.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import type { Fault } from './rules.ts';

let directory: string;
let server: Server;
let proxy: FaultProxy;
let got: string[];
let watches: ServerResponse[];

/** Answers a watch with its head and leaves it open; anything else with what it was. */
beforeEach(async () => {
  got = [];
  watches = [];
  server = createServer((incoming, outgoing) => {
    const { method, url = '' } = incoming;
    got.push(`${method} ${url}`);
    outgoing.setHeader('content-type', 'application/json');
    if (url.includes('watch=true')) {
      outgoing.flushHeaders();
      watches.push(outgoing);
    } else {
      outgoing.end(JSON.stringify({ url, metadata: { resourceVersion: '7' } }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  directory = await mkdtemp(join(tmpdir(), 'fault-proxy-test-'));
  const kubeconfig = join(directory, 'kubeconfig');
  const cluster = { name: 'c', cluster: { server: `http://127.0.0.1:${port}` } };
  const context = { name: 'c', context: { cluster: 'c', user: 'u', namespace: 'home' } };
  const users = [{ name: 'u', user: { token: 'secret' } }];
  const config = { apiVersion: 'v1', kind: 'Config', clusters: [cluster], users, contexts: [context] };
  await writeFile(kubeconfig, JSON.stringify({ ...config, 'current-context': 'c' }));
  proxy = await startFaultProxy({ kubeconfig, recordTo: join(directory, 'record.jsonl') });
});

afterEach(async () => {
  await proxy.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

const PATH = '/api/v1/namespaces/n/configmaps/x';
const WATCH = '/api/v1/configmaps?watch=true&resourceVersion=5';
const put = (signal?: AbortSignal) => fetch(proxy.url + PATH, { method: 'PUT', body: '{}', signal: signal ?? null });

function whenWriting(fault: Fault): void {
  proxy.addRule({ match: { verbs: ['update'], resource: 'configmaps' }, fault, nth: 1 });
}

describe('a write', () => {
  test('without rules comes through, and is recorded', async () => {
    expect(await (await put()).json()).toMatchObject({ url: PATH });
    await until(() => proxy.writes()[0]?.end !== undefined);
    const expected = { verb: 'update', namespace: 'n', name: 'x', status: 200, resourceVersion: '7', end: 'answered' };
    expect(proxy.writes()).toMatchObject([expected]);
    const [line = ''] = (await readFile(join(directory, 'record.jsonl'), 'utf8')).split('\n');
    expect(JSON.parse(line)).toMatchObject({ ...expected, faults: [] });
  });

  test('that is a deletion says how long its body is: what follows on the connection is another request', async () => {
    const options = { method: 'DELETE', body: '{"preconditions":{"uid":"u"}}' };
    expect((await fetch(proxy.url + PATH, options)).status).toBe(200);
    expect((await put()).status).toBe(200);
    expect(got).toEqual([`DELETE ${PATH}`, `PUT ${PATH}`]);
  });

  test('that is refused gets a Status and Retry-After, and the next one comes through', async () => {
    whenWriting({ kind: 'refuse', status: 429, retryAfterSeconds: 2 });
    const refused = await put();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await refused.json()).toMatchObject({ kind: 'Status', code: 429, reason: 'TooManyRequests' });
    expect(got).toEqual([]);
    expect((await put()).status).toBe(200);
  });

  test('that is reset never arrives', async () => {
    whenWriting({ kind: 'reset' });
    await expect(put()).rejects.toThrow('fetch failed');
    expect(got).toEqual([]);
  });

  test('whose answer is dropped has arrived all the same', async () => {
    whenWriting({ kind: 'dropResponse' });
    await expect(put()).rejects.toThrow('fetch failed');
    expect(got).toEqual([`PUT ${PATH}`]);
    expect(proxy.writes()).toMatchObject([{ status: 200, end: 'broken', faults: ['dropResponse'] }]);
  });

  test('that hangs ends when its client gives up, and never arrives', async () => {
    whenWriting({ kind: 'hang' });
    const giveUp = new AbortController();
    const hung = put(giveUp.signal);
    await until(() => proxy.writes().length === 1);
    giveUp.abort();
    await expect(hung).rejects.toThrow('aborted');
    await until(() => proxy.writes()[0]?.end === 'broken');
    expect(got).toEqual([]);
  });

  test('that is delayed arrives later', async () => {
    whenWriting({ kind: 'delay', ms: 80 });
    const startedMs = performance.now();
    await put();
    expect(performance.now() - startedMs).toBeGreaterThan(75);
  });

  test('is seen by hooks before it arrives and after it was carried out, and either can stop it', async () => {
    const seen: string[] = [];
    const match = { verbs: ['update'] as const };
    proxy.addRule({
      match,
      fault: {
        kind: 'hook',
        beforeForward: ({ name }) => (seen.push(`before ${name} ${got.length}`) === 3 ? 'discard' : 'forward'),
        afterCommit: (_, status) => (seen.push(`after ${status} ${got.length}`) === 2 ? 'discard' : 'answer'),
      },
    });
    await expect(put()).rejects.toThrow('fetch failed');
    await expect(put()).rejects.toThrow('fetch failed');
    expect(seen).toEqual(['before x 0', 'after 200 1', 'before x 1']);
    expect(got).toHaveLength(1);
  });

  test('whose client went away while it was kept back is not made', async () => {
    const { promise: mayGoOn, resolve } = Promise.withResolvers<'forward'>();
    proxy.addRule({ match: {}, fault: { kind: 'hook', beforeForward: () => mayGoOn } });
    const giveUp = new AbortController();
    const hung = put(giveUp.signal);
    await until(() => proxy.writes().length === 1);
    giveUp.abort();
    await expect(hung).rejects.toThrow('aborted');
    await until(() => proxy.writes()[0]?.end === 'broken');
    resolve('forward');
    expect((await fetch(proxy.url + PATH)).status).toBe(200);
    expect(got).toEqual([`GET ${PATH}`]);
  });
});

async function openWatch(): Promise<{ text: () => string; ended: Promise<string> }> {
  const response = await fetch(proxy.url + WATCH);
  let text = '';
  const read = async (): Promise<string> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk);
    return 'closed';
  };
  return { text: () => text, ended: read().catch(() => 'broken') };
}

describe('a watch', () => {
  test('is passed on at once', async () => {
    const { text, ended } = await openWatch();
    watches[0]?.write('one\n');
    await until(() => text() === 'one\n');
    watches[0]?.end('two\n');
    expect([await ended, text()]).toEqual(['closed', 'one\ntwo\n']);
  });

  test.each(['close', 'reset'] as const)('ends after so many bytes by a %s', async (how) => {
    proxy.addRule({ match: { verbs: ['watch'] }, fault: { kind: 'cut', afterBytes: 5, how } });
    const { text, ended } = await openWatch();
    watches[0]?.write('one\n');
    await until(() => text() === 'one\n');
    watches[0]?.write('two\n');
    expect(await ended).toBe(how === 'close' ? 'closed' : 'broken');
    if (how === 'close') expect(text()).toBe('one\nt');
  });

  test('can be told lies, silenced, closed and reset from outside', async () => {
    const [lied, reset] = [await openWatch(), await openWatch()];
    const [first, second] = proxy.openWatches({ resource: 'configmaps' });
    first?.send('a lie\n');
    await until(() => lied.text() === 'a lie\n');
    first?.silence();
    watches[0]?.write('not told\n');
    first?.close();
    second?.reset();
    expect([await lied.ended, lied.text(), await reset.ended]).toEqual(['closed', 'a lie\n', 'broken']);
    await until(() => proxy.openWatches().length === 0);
  });

  test('is half open after so many bytes', async () => {
    proxy.addRule({ match: { verbs: ['watch'] }, fault: { kind: 'silence', afterBytes: 4 } });
    const { text, ended } = await openWatch();
    watches[0]?.write('one\n');
    watches[0]?.end('two\n');
    await until(() => text() === 'one\n');
    proxy.setLink('cut');
    expect([await ended, text()]).toEqual(['broken', 'one\n']);
  });

  test('of frozen time tells what is newer when it has thawed; lists are as of then', async () => {
    const event = (resourceVersion: string) => `${JSON.stringify({ object: { metadata: { resourceVersion } } })}\n`;
    const thaw = await proxy.freeze({ resource: 'configmaps' });
    const { text } = await openWatch();
    watches[0]?.write(event('6') + event('7') + event('8'));
    await until(() => text() === event('6') + event('7'));
    const listed = async () => (await fetch(`${proxy.url}/api/v1/configmaps?limit=5`)).json();
    expect(await listed()).toMatchObject({
      url: '/api/v1/configmaps?limit=5&resourceVersion=7&resourceVersionMatch=Exact',
    });
    thaw();
    await until(() => text() === event('6') + event('7') + event('8'));
    expect(await listed()).toMatchObject({ url: '/api/v1/configmaps?limit=5' });
  });
});

describe('the link', () => {
  test('that is cut takes no connection until it is up', async () => {
    const { ended } = await openWatch();
    proxy.setLink('cut');
    expect(await ended).toBe('broken');
    await expect(put()).rejects.toThrow('fetch failed');
    proxy.setLink('up');
    expect((await put()).status).toBe(200);
  });

  test('that is silent carries on where it stopped', async () => {
    const { text } = await openWatch();
    proxy.setLink('silent');
    watches[0]?.write('one\n');
    const written = put();
    await until(() => proxy.writes().length === 1);
    expect([got.length, text()]).toEqual([1, '']);
    proxy.setLink('up');
    expect((await written).status).toBe(200);
    await until(() => text() === 'one\n');
  });
});

test('clients get a kubeconfig without credentials, and the apiserver those of the proxy', async () => {
  let seen: string | undefined;
  server.on('request', ({ headers }) => {
    seen = headers.authorization;
  });
  await fetch(proxy.url + PATH, { headers: { authorization: 'Bearer of-the-client' } });
  expect(seen).toBe('Bearer secret');
  const config = await readFile(proxy.kubeconfigPath, 'utf8');
  expect(config).toContain(`server: ${proxy.url}`);
  expect(config).toContain('namespace: home');
  expect(config).not.toContain('secret');
});
