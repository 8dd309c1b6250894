// Checks the wire against a local server: connections, deadlines, credentials, refusals.
import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ApiError, FencedError, isTransient, NetworkError, retryAfterMs } from '../errors.ts';
import { sendJson, startTestServer, type TestServer } from '../testing/http-server.ts';
import { until } from '../testing/until.ts';
import { createTransport, type Transport, type TransportOptions } from './transport.ts';

const READ = { method: 'GET', path: '/api/v1/pods', deadline: 'read' } as const;
const WRITE = { method: 'PATCH', path: '/api/v1/pods/a', deadline: 'write', body: { kind: 'Pod' } } as const;

let server: TestServer;
const transports: Transport[] = [];

function open(options: Partial<TransportOptions> = {}): Transport {
  const transport = createTransport(server.access, { userAgent: 'test/1', ...options });
  transports.push(transport);
  return transport;
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

beforeEach(async () => {
  server = await startTestServer((_request, response) => sendJson(response, { ok: true }));
});

afterEach(async () => {
  await Promise.all(transports.splice(0).map((each) => each.close()));
  await server.close();
});

describe('connections', () => {
  test('H11: a thousand calls, fifty at a time, use at most four sockets', async () => {
    const transport = open();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => transport.request(READ)));
    }
    expect(server.seen).toHaveLength(1000);
    expect(server.connections()).toBeLessThanOrEqual(4);
  });

  test('a watch does not take a connection from the calls', async () => {
    server.answer((request, response) => {
      if (request.path.endsWith('/watch')) response.writeHead(200).write('\n');
      else sendJson(response, {});
    });
    const transport = open({ connections: 1 });
    await transport.stream({ ...READ, path: '/watch', deadline: 'watch' });
    await expect(transport.request(READ)).resolves.toEqual({});
  });
});

test('requests are counted by what was answered, and those that have no answer too', async () => {
  const counted: string[] = [];
  const count = (_: string, { code = '' } = {}) => void counted.push(code);
  const transport = open({ instruments: { count, gauge: () => {}, observe: () => {} }, mayWrite: () => false });
  await transport.request(READ);
  server.answer((_request, response) => response.destroy());
  await failureOf(transport.request(READ));
  expect(await failureOf(transport.request(WRITE))).toBeInstanceOf(FencedError);
  expect(counted).toEqual(['200', '<error>']);
});

describe('deadlines', () => {
  test('H12: a hung request fails at its deadline, not after five minutes', async () => {
    server.answer(() => {});
    const startedMs = performance.now();
    const error = await failureOf(open({ deadlinesMs: { read: 50 } }).request(READ));
    expect(error).toMatchObject({ name: 'NetworkError', timedOut: true });
    expect(isTransient(error)).toBe(true);
    expect(performance.now() - startedMs).toBeLessThan(60_000);
  });

  test('H12: an answer whose body never ends fails at its deadline', async () => {
    server.answer((_request, response) => response.writeHead(200).write('{"half":'));
    const error = await failureOf(open({ deadlinesMs: { read: 50 } }).request(READ));
    expect(error).toMatchObject({ name: 'NetworkError', timedOut: true });
  });

  test('H12: hung requests give their connections back at the deadline', async () => {
    server.answer((request, response) => {
      if (request.path !== '/hang') sendJson(response, { ok: true });
    });
    const transport = open({ connections: 1, deadlinesMs: { read: 50 } });
    await failureOf(transport.request({ ...READ, path: '/hang' }));
    await expect(transport.request({ ...READ, deadline: 'list' })).resolves.toEqual({ ok: true });
  });

  test('the caller can end a request earlier', async () => {
    const caller = new AbortController();
    server.answer(() => caller.abort());
    const error = await failureOf(open().request({ ...READ, signal: caller.signal }));
    expect(error).toMatchObject({ name: 'NetworkError', timedOut: false });
  });

  test('a request whose caller has given up already is not sent', async () => {
    await failureOf(open().request({ ...READ, signal: AbortSignal.abort() }));
    expect(server.seen).toHaveLength(0);
  });

  test('H19: a request leaves nothing behind on its caller’s signal', async () => {
    const { signal } = new AbortController();
    const transport = open();
    for (let at = 0; at < 20; at += 1) await transport.request({ ...READ, signal });
    for await (const _chunk of await transport.stream({ ...READ, deadline: 'watch', signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('a stream outlives the deadline that its headers had', async () => {
    server.answer((_request, response) => {
      response.writeHead(200).write('first\n');
      setTimeout(() => response.end('second\n'), 100);
    });
    const chunks: string[] = [];
    for await (const chunk of await open({ deadlinesMs: { watch: 50 } }).stream({ ...READ, deadline: 'watch' })) {
      chunks.push(String(chunk));
    }
    expect(chunks.join('')).toBe('first\nsecond\n');
  });
});

describe('proxies', () => {
  test('a kind of proxy that is not supported is said at once', () => {
    const access = { ...server.access, proxyUrl: 'socks5://127.0.0.1:1080' };
    expect(() => createTransport(access, { userAgent: 'test/1' })).toThrow('proxy-url');
  });
});

describe('credentials', () => {
  test('H14: after 401 the token is read again, once', async () => {
    const asked: boolean[] = [];
    const headers = (fresh: boolean): Promise<Record<string, string>> => {
      asked.push(fresh);
      return Promise.resolve({ Authorization: fresh ? 'Bearer new' : 'Bearer old' });
    };
    server.answer((request, response) => {
      const isNew = request.headers.authorization === 'Bearer new';
      sendJson(response, isNew ? { ok: true } : { reason: 'Unauthorized' }, isNew ? 200 : 401);
    });
    const transport = createTransport({ ...server.access, headers }, { userAgent: 'test/1' });
    transports.push(transport);
    await expect(transport.request(READ)).resolves.toEqual({ ok: true });
    expect(asked).toEqual([false, true]);
  });

  test('H14: a second 401 is an error, not a loop', async () => {
    server.answer((_request, response) => sendJson(response, { reason: 'Unauthorized' }, 401));
    await expect(open().request(READ)).rejects.toMatchObject({ status: 401, reason: 'Unauthorized' });
    expect(server.seen).toHaveLength(2);
  });
});

describe('what is sent', () => {
  test('H15: a write is strict JSON with its content type; the program names itself', async () => {
    await open().request({ ...WRITE, contentType: 'application/apply-patch+yaml', query: { force: true } });
    const [request] = server.seen;
    expect(request?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(request?.headers['user-agent']).toBe('test/1');
    expect(request?.query.toString()).toBe('force=true&fieldValidation=Strict');
    expect(JSON.parse(request?.body ?? '')).toEqual({ kind: 'Pod' });
  });

  test('R10: a write that waits for a connection is stopped when leadership ends in the meantime', async () => {
    let mayWrite = true;
    let held: ServerResponse | undefined;
    server.answer((_request, response) => {
      held = response;
    });
    const transport = open({ connections: 1, mayWrite: () => mayWrite });
    const first = transport.request(WRITE);
    await until(() => held !== undefined);
    const second = failureOf(transport.request(WRITE));
    mayWrite = false;
    if (held !== undefined) sendJson(held, { ok: true });
    await expect(first).resolves.toEqual({ ok: true });
    expect(await second).toBeInstanceOf(FencedError);
    expect(server.seen).toHaveLength(1);
  });

  test('a process that may not write reads on, but none of its writes leaves', async () => {
    const transport = open({ mayWrite: () => false });
    await expect(transport.request(READ)).resolves.toEqual({ ok: true });
    await expect(transport.request(WRITE)).rejects.toBeInstanceOf(FencedError);
    expect(server.seen.map((each) => each.method)).toEqual(['GET']);
  });
});

describe('refusals', () => {
  const refusals = [
    { status: 409, body: { reason: 'AlreadyExists', message: 'it exists' }, header: undefined, waitMs: undefined },
    { status: 429, body: { reason: 'TooManyRequests', message: 'slow down' }, header: '7', waitMs: 7_000 },
    {
      status: 500,
      body: { reason: 'ServerTimeout', details: { retryAfterSeconds: 2 } },
      header: undefined,
      waitMs: 2_000,
    },
  ];

  test.each(refusals)('H21: status $status becomes an error with its reason and pause', async (refusal) => {
    const header = refusal.header === undefined ? {} : { 'Retry-After': refusal.header };
    server.answer((_request, response) => sendJson(response, refusal.body, refusal.status, header));
    const error = await failureOf(open().request(READ));
    expect(error).toMatchObject({ status: refusal.status, reason: refusal.body.reason });
    expect(retryAfterMs(error)).toBe(refusal.waitMs);
  });

  test('a page of a proxy on the way is an error that shows its text', async () => {
    server.answer((_request, response) => response.writeHead(502).end('<html>bad gateway</html>'));
    const error = await failureOf(open().request(READ));
    expect(error).toBeInstanceOf(ApiError);
    expect(String(error)).toContain('bad gateway');
  });

  test('a broken connection is transient', async () => {
    server.answer((_request, response) => response.destroy());
    const error = await failureOf(open().request(READ));
    expect(error).toBeInstanceOf(NetworkError);
    expect(isTransient(error)).toBe(true);
  });
});
