// The HTTP side against real sockets, with workers that do what a test tells them.
import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { nonFiniteAnswerSchema, nonFiniteStatus } from '@sluice/crds/contract.ts';
import type { FastifyInstance } from 'fastify';
import { createMetrics } from '../metrics.ts';
import { commands, Gate, type Script, scriptedWorker } from '../testing/scripted-worker.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { WorkerPool } from '../workers/pool.ts';
import { createApp } from './app.ts';
import { initialState } from './serving-state.ts';

const maxRequestBytes = 20_000;
const closing: { close(): PromiseLike<unknown> }[] = [];
async function closeAll(): Promise<void> {
  for (const opened of closing.splice(0)) await opened.close();
}
afterEach(closeAll);

async function open(script: Script = {}, timeoutMilliseconds = 5_000) {
  const state = initialState();
  const pool = new WorkerPool({
    size: 1,
    queueSize: 1,
    timeoutMilliseconds,
    spawn: () => scriptedWorker(script),
    onLost: () => metrics.workersLost.inc(),
  });
  const info = { model: 'digits', version: 'digits-2', digest: 'sha256:ab' };
  const metrics = createMetrics('7c9f4', info, { queued: () => 0, running: () => 0, readyWorkers: () => 1 });
  const identity = { name: 'digits', version: 'digits-2' };
  const app = createApp({ state, identity, pool, metrics, maxElements: 2000, maxRequestBytes });
  await app.listen({ port: 0, host: '127.0.0.1' });
  closing.push(app, pool);
  const load = async () => {
    state.signature = await pool.start();
    state.phase = 'Serving';
  };
  return { app, state, pool, metrics, load, url: `http://127.0.0.1:${portOf(app)}` };
}

async function serving(script: Script = {}, timeoutMilliseconds = 5_000) {
  const opened = await open(script, timeoutMilliseconds);
  await opened.load();
  return opened;
}

const portOf = (app: FastifyInstance) => (app.server.address() as AddressInfo).port;
const rowsBody = (rows: number, extra: object = {}) =>
  JSON.stringify({ ...extra, inputs: [{ name: 'x', shape: [rows], datatype: 'INT8', data: new Array(rows).fill(1) }] });
const inferPath = '/v2/models/digits/infer';
const json = { 'content-type': 'application/json' };

/** One server for a group of tests that leave nothing behind in it. */
function shared() {
  let opened: Awaited<ReturnType<typeof serving>>;
  let keep: typeof closing = [];
  beforeAll(async () => {
    opened = await serving();
    keep = closing.splice(0);
  });
  afterAll(async () => {
    for (const kept of keep) await kept.close();
  });
  return () => opened;
}

async function post(url: string, body: string, headers: Record<string, string> = json) {
  const response = await fetch(url, { method: 'POST', body, headers });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

async function metric(metrics: ReturnType<typeof createMetrics>, line: string): Promise<string | undefined> {
  return (await metrics.registry.metrics()).split('\n').find((candidate) => candidate.startsWith(line));
}

describe('before the model is loaded', () => {
  test('the server is alive, and everything about the model is 503 with Retry-After', async () => {
    const { url } = await open();
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200);
    for (const path of ['/v2/health/ready', '/v2/models/digits/ready', '/v2/models/digits']) {
      const response = await fetch(`${url}${path}`);
      expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 503, '1']);
      expect(await response.json()).toEqual({ error: 'the model is being loaded; try again in a few seconds' });
    }
    expect((await post(url + inferPath, rowsBody(1))).status).toBe(503);
  });
});

describe('paths and methods', () => {
  const server = shared();
  test.each([
    ['GET', '/v3', 404, /^no such path for GET/],
    ['GET', '/v2/models/other', 404, /^no such model; this server has digits/],
    ['GET', '/v2/models/digits/versions/1', 404, /^no such version of digits; this server has digits-2/],
    ['POST', '/v2/models/other/infer', 404, /^no such model/],
    ['POST', '/v2/models/digits/versions/digits-1/infer', 404, /^no such version/],
    ['POST', '/v2', 405, /^POST is not allowed here; use GET or HEAD/],
    ['PUT', '/v2/health/live', 405, /^PUT is not allowed here/],
    ['DELETE', '/v2/models/digits', 405, /^DELETE is not allowed here/],
    ['GET', inferPath, 405, /^GET is not allowed here; use POST/],
    ['GET', '/v2/models/%zz', 400, /^the path is not a valid URL/],
  ])('%s %s is a %i', async (method, path, status, message) => {
    const { url } = server();
    const response = await fetch(url + path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('allow')).toEqual(status === 405 ? expect.any(String) : null);
    expect(await response.json()).toEqual({ error: expect.stringMatching(message) });
  });
});

describe('bodies', () => {
  const server = shared();
  test.each([
    ['without Content-Type', rowsBody(1), { 'content-type': '' }, 415, /^the body must be JSON; send Content-Type/],
    ['of a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, /^the body must be JSON/],
    ['that is compressed', rowsBody(1), { ...json, 'content-encoding': 'gzip' }, 415, /^Content-Encoding gzip is not/],
    ['that is no JSON', '{"inputs": [NaN]}', json, 400, /^the body is not JSON: /],
    ['that is empty', '', json, 400, /^the body is not JSON: /],
    ['with __proto__', '{"__proto__": {"inputs": []}}', json, 400, /^"inputs" must be a list/],
    ['that is too large', `"${'x'.repeat(maxRequestBytes)}"`, json, 413, /^the body is larger than 20000 bytes/],
    ['with too many elements', rowsBody(2001), json, 413, /^the inputs have 2001 elements, the server takes 2000/],
  ])('a body %s is refused', async (_what, body, headers, status, message) => {
    const { url } = server();
    const answer = await post(url + inferPath, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: expect.stringMatching(message) });
  });

  test('a body that is not UTF-8 is refused', async () => {
    const { url } = server();
    const response = await fetch(url + inferPath, {
      method: 'POST',
      body: new Uint8Array([0x22, 0xff, 0x22]),
      headers: json,
    });
    expect(await response.json()).toEqual({ error: 'the body is not JSON: it is not UTF-8' });
  });

  test('a refused body does not cost the connection', async () => {
    const { url } = server();
    const { headers, status } = await post(url + inferPath, '{');
    expect([status, headers.get('connection')]).toEqual([400, 'keep-alive']);
  });
});

describe('what goes wrong in a worker', () => {
  test.each([
    [commands.badInput, 400, 'scripted bad input'],
    [commands.crash, 500, 'the worker that ran the request died; it is being replaced'],
  ])('command %i is a %i', async (rows, status, error) => {
    const { url } = await serving();
    expect(await post(url + inferPath, rowsBody(rows))).toMatchObject({ status, body: { error } });
  });

  test('outputs that are not finite have a status of their own, name their rows, and are counted by rows', async () => {
    const { url, metrics } = await serving();
    const { status, body } = await post(url + inferPath, rowsBody(commands.nonFinite));
    expect([status, body]).toEqual([nonFiniteStatus, { error: 'scripted NaN', nonfinite_rows: [0, 7] }]);
    expect(nonFiniteAnswerSchema.parse(body)).toEqual(body);
    await expect(metric(metrics, 'sluice_nonfinite_outputs_total')).resolves.toMatch(/ 2$/);
  });

  test('a request that takes too long is a 503 with Retry-After, and the worker is replaced', async () => {
    const { url, pool, metrics } = await serving({}, 100);
    const answer = await post(url + inferPath, rowsBody(commands.hang));
    expect(answer).toMatchObject({
      status: 503,
      body: { error: expect.stringMatching(/^no prediction within 0.1 s/) },
    });
    expect(answer.headers.get('retry-after')).toBe('1');
    await waitUntil('the worker is replaced', () => pool.readyWorkers === 1);
    await expect(metric(metrics, 'sluice_workers_lost_total')).resolves.toMatch(/ 1$/);
    expect((await post(url + inferPath, rowsBody(3))).status).toBe(200);
  });

  test('without any worker left the server is not ready; with none that lasts it is not alive', async () => {
    const script: { diesAtStart?: boolean } = {};
    const { url, pool } = await serving(script);
    script.diesAtStart = true;
    await post(url + inferPath, rowsBody(commands.crash));
    expect((await fetch(`${url}/v2/health/ready`)).status).toBe(503);
    expect((await post(url + inferPath, rowsBody(1))).body).toEqual({
      error: 'every worker thread is being restarted; try again in a few seconds',
    });
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200);
    await waitUntil('the pool is dead', () => pool.isDead);
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(503);
  });
});

describe('a full queue', () => {
  test('is a 429 with Retry-After; what was accepted is answered', async () => {
    const gate = new Gate(false);
    const { url, pool, metrics } = await serving({ gate });
    const accepted = [post(url + inferPath, rowsBody(1)), post(url + inferPath, rowsBody(2))];
    await waitUntil('the queue is full', () => pool.isFull);
    const refused = await post(url + inferPath, rowsBody(3));
    expect(refused).toMatchObject({ status: 429, body: { error: '1 requests are waiting; try again later' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    gate.open();
    expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual([200, 200]);
    await expect(metric(metrics, 'sluice_inference_requests_total{code="429"')).resolves.toMatch(/ 1$/);
  });

  test('is freed by a client that leaves', async () => {
    const gate = new Gate(false);
    const { url, pool, metrics } = await serving({ gate });
    const running = post(url + inferPath, rowsBody(1));
    await waitUntil('one runs', () => pool.running === 1);
    const leaving = httpRequest(url + inferPath, { method: 'POST', headers: json });
    leaving.on('error', () => leaving.destroy()).end(rowsBody(2));
    await waitUntil('one waits', () => pool.queued === 1);
    leaving.destroy();
    await waitUntil('none waits', () => pool.queued === 0);
    await waitUntil(
      'it is counted',
      async () => (await metric(metrics, 'sluice_inference_requests_total{code="499"')) !== undefined,
    );
    gate.open();
    expect((await running).status).toBe(200);
  });
});

test('large requests beyond the memory set aside for them are a 429 before their bodies are read', async () => {
  const { url, metrics } = await serving();
  const headers = { ...json, 'content-length': maxRequestBytes };
  const unfinished = Array.from({ length: 4 }, () => httpRequest(url + inferPath, { method: 'POST', headers }));
  for (const request of unfinished) request.on('error', () => request.destroy()).flushHeaders();
  const inflight = async (count: number) =>
    (await metric(metrics, 'sluice_inference_inflight{'))?.endsWith(` ${count}`) ?? false;
  await waitUntil('four are in flight', () => inflight(4));
  expect(await post(url + inferPath, rowsBody(1))).toMatchObject({
    status: 429,
    body: { error: 'too many large requests are in flight; try again later' },
  });
  for (const request of unfinished) request.destroy();
  await waitUntil('none is in flight', () => inflight(0));
  expect((await post(url + inferPath, rowsBody(1))).status).toBe(200);
});

describe('connections', () => {
  const server = shared();
  test.each([
    ['GET / HTTP/9\r\n\r\n', /^HTTP\/1\.1 400 Bad Request\r\n.*\{"error":"this is not an HTTP\/1\.1 request"\}$/s],
    [
      `GET /v2 HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 .*"the headers are larger than 16 KiB"\}$/s,
    ],
  ])('a broken request is answered, then the connection is closed (%#)', async (bytes, answer) => {
    const { app } = server();
    const socket = connect(portOf(app), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes);
    await closed;
    expect(text).toMatch(answer);
  });

  test('a draining server still computes, but is not ready and asks its clients to leave', async () => {
    const { url, state } = await serving();
    state.phase = 'Draining';
    const answer = await post(url + inferPath, rowsBody(4));
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    const ready = await fetch(`${url}/v2/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { error: 'the server is stopping; use another replica' }]);
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200);
  });
});

test('the metrics tell requests by code, durations, waits, computing and rows', async () => {
  const { url, metrics } = await serving();
  await post(url + inferPath, rowsBody(5));
  await waitUntil('it is counted', async () =>
    /^(.*) 1$/.test((await metric(metrics, 'sluice_inference_requests_total{')) ?? ''),
  );
  const revision = 'revision="7c9f4"';
  for (const [line, value] of [
    [`sluice_inference_requests_total{code="200",${revision}}`, '1'],
    [`sluice_inference_rows_total{${revision}}`, '5'],
    [`sluice_inference_inflight{${revision}}`, '0'],
    [`sluice_inference_duration_seconds_count{${revision}}`, '1'],
    [`sluice_inference_queue_seconds_count{${revision}}`, '1'],
    [`sluice_inference_compute_seconds_sum{${revision}}`, '0.001'],
    [`sluice_inference_duration_seconds_bucket{le="0.00125",${revision}}`, expect.any(String)],
    [`sluice_inference_duration_seconds_bucket{le="10",${revision}}`, '1'],
    [`sluice_model_info{model="digits",version="digits-2",digest="sha256:ab",${revision}}`, '1'],
    [`nodejs_eventloop_lag_p99_seconds{${revision}}`, expect.any(String)],
  ] as const) {
    expect([line, (await metric(metrics, line))?.split(' ').at(-1)]).toEqual([line, value]);
  }
});
