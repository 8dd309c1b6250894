// The HTTP side against real sockets, with workers that do what a test tells them.
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
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

/** As a client sends it that adds nothing of its own: `fetch` would name a type. */
async function rawPost(port: number, path: string, sent: { bytes: Uint8Array; headers: Record<string, string> }) {
  const request = httpRequest({ port, path, host: '127.0.0.1', method: 'POST', headers: sent.headers });
  const answered = once(request, 'response');
  request.end(sent.bytes);
  const [response] = (await answered) as [IncomingMessage];
  const { 'content-type': type, 'inference-header-content-length': jsonLength } = response.headers;
  return { status: response.statusCode, type, jsonLength, body: Buffer.concat(await response.toArray()) };
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
    ['without Content-Type that is no JSON', 'a=b', { 'content-type': '' }, 400, /^the body is not JSON/],
    ['of a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, /^the body must be JSON/],
    [
      'in unknown compression',
      rowsBody(1),
      { ...json, 'content-encoding': 'zstd' },
      415,
      /^Content-Encoding zstd is not/,
    ],
    ['compressed twice', rowsBody(1), { ...json, 'content-encoding': 'gzip, gzip' }, 415, /send gzip, deflate or br/],
    [
      'not as compressed as it says',
      rowsBody(1),
      { ...json, 'content-encoding': 'gzip' },
      400,
      /^the body is not gzip/,
    ],
    ['that is no JSON', '{"inputs": [}', json, 400, /^the body is not JSON: /],
    [
      'of a form that is meant as JSON',
      '{"inputs": [}',
      { 'content-type': 'text/plain' },
      400,
      /^the body is not JSON: /,
    ],
    ['of other lines', 'a,b\n1,2', { 'content-type': 'text/csv' }, 415, /^the body must be JSON/],
    [
      'with NaN',
      '{"a": "NaN \\" None", "inputs": [NaN]}',
      json,
      400,
      /: it has NaN; .* send null where a value is missing$/,
    ],
    ['with -Infinity', '{"inputs": [1e5, -Infinity]}', json, 400, /: it has Infinity; .* send null where a value is/],
    ['as Python prints it', '{"inputs": [None]}', json, 400, /^the body is not JSON: it has None; send null$/],
    [
      'in single quotes',
      "{'inputs': []}",
      json,
      400,
      /^the body is not JSON: it has '; write names and texts in double quotes$/,
    ],
    ['of quotes only', `"${'\\"'.repeat(9000)}`, json, 400, /^the body is not JSON: Unterminated string/],
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

describe('bodies as clients send them', () => {
  const server = shared();
  const body = Buffer.from(rowsBody(3));
  const octets = { 'content-type': 'application/octet-stream' };
  test.each<[string, Uint8Array, Record<string, string>]>([
    ['without Content-Type', body, {}],
    ['as a form, as curl does', body, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['as text', body, { 'content-type': 'text/plain; charset=ISO-8859-1' }],
    ['as octets', body, octets],
    ['as a kind of JSON', body, { 'content-type': 'application/vnd.api+json; charset=UTF-8' }],
    ['with a type that is none', body, { 'content-type': 'json' }],
    ['with a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]), json],
    ['by gzip', gzipSync(body), { ...json, 'content-encoding': 'gzip' }],
    ['by GZIP', gzipSync(body), { ...json, 'content-encoding': 'X-GZIP' }],
    ['by deflate', deflateSync(body), { 'content-encoding': 'deflate' }],
    ['by brotli', brotliCompressSync(body), { 'content-encoding': 'br' }],
    ['as it is', body, { ...json, 'content-encoding': 'identity' }],
  ])('%s are answered', async (_what, bytes, headers) => {
    const { app } = server();
    const answer = await rawPost(portOf(app), inferPath, { bytes, headers });
    expect(answer).toMatchObject({ status: 200, type: 'application/json' });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ model_name: 'digits' });
  });

  test('a slash too many is not minded', async () => {
    const { url } = server();
    expect((await post(`${url}/${inferPath}/`, rowsBody(1))).status).toBe(200);
  });

  test('bytes may follow the JSON, also compressed, and may be asked for', async () => {
    const { app } = server();
    const input = { name: 'x', shape: [2], datatype: 'INT8', parameters: { binary_data_size: 2 } };
    const head = JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } });
    const plain = Buffer.concat([Buffer.from(head), Buffer.from([1, 2])]);
    const headers = { ...octets, 'inference-header-content-length': String(head.length) };
    const answer = await rawPost(portOf(app), inferPath, { bytes: plain, headers });
    expect(answer).toMatchObject({ status: 200, type: 'application/octet-stream' });
    const { outputs } = JSON.parse(answer.body.subarray(0, Number(answer.jsonLength)).toString());
    expect(outputs).toEqual([expect.objectContaining({ name: 'value', parameters: { binary_data_size: 8 } })]);
    expect(answer.body.length).toBe(Number(answer.jsonLength) + 8);
    const compressed = { bytes: gzipSync(plain), headers: { ...headers, 'content-encoding': 'gzip' } };
    expect(await rawPost(portOf(app), inferPath, compressed)).toEqual(answer);
  });

  test.each([
    ['0', /^Inference-Header-Content-Length is 0: raw requests are not offered/],
    ['9999', /^Inference-Header-Content-Length must be the number of bytes of the JSON, at most the body's/],
    ['-1', /^Inference-Header-Content-Length must be/],
    ['5', /^the body is not JSON/],
  ])('Inference-Header-Content-Length %s is refused', async (length, message) => {
    const { url } = server();
    const headers = { ...octets, 'inference-header-content-length': length };
    expect(await post(url + inferPath, rowsBody(1), headers)).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(message) },
    });
  });

  test('a body that grows beyond the limit is a 413; it is not held meanwhile', async () => {
    const { app } = server();
    const headers = { ...json, 'content-encoding': 'gzip' };
    const bomb = { bytes: gzipSync(Buffer.alloc(50 * 1024 * 1024)), headers: { ...headers } };
    expect(bomb.bytes.length).toBeGreaterThan(maxRequestBytes);
    const small = { bytes: gzipSync(Buffer.alloc(maxRequestBytes * 50)), headers };
    expect(small.bytes.length).toBeLessThan(maxRequestBytes);
    const answers = await Promise.all([small, small, small, bomb].map((each) => rawPost(portOf(app), inferPath, each)));
    expect(answers.map(({ status }) => status)).toEqual([413, 413, 413, 413]);
    expect(answers[0]?.body.toString()).toMatch(/the uncompressed body is larger than 20000 bytes; send fewer rows/);
  });
});

describe('what other servers offer is refused in words', () => {
  const server = shared();
  test.each([
    ['POST', '/v1/models/digits:predict', /the V1 protocol is not offered; use V2: POST \/v2\/models\/digits\/infer$/],
    ['POST', '/v2/repository/index', /models are loaded by a ModelDeployment, not by requests/],
    ['GET', '/v2/systemsharedmemory/status', /shared memory is not offered; send data in the request/],
    ['GET', '/v2/models/digits/config', /only metadata, ready and infer are offered: GET \/v2\/models\/digits/],
    ['GET', '/v2/models/stats', /^no such model; this server has digits/],
    ['GET', '/', /the API begins at \/v2: GET \/v2\/models\/digits, POST \/v2\/models\/digits\/infer$/],
  ])('%s %s', async (method, path, message) => {
    const { url } = server();
    const response = await fetch(url + path, { method });
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/json']);
    expect(await response.json()).toEqual({ error: expect.stringMatching(message) });
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

describe('bodies that are slow to arrive', () => {
  /** Sends the head of a request that says its length, and so much of its body. */
  function begin(url: string, bytes: number, length = maxRequestBytes) {
    const request = httpRequest(url + inferPath, { method: 'POST', headers: { ...json, 'content-length': length } });
    const status = new Promise<number | undefined>((resolve) => {
      request.once('response', (response) => resolve(response.resume().statusCode));
      request.once('error', () => resolve(undefined));
    });
    request.flushHeaders();
    if (bytes > 0) request.write(' '.repeat(bytes));
    return { request, status };
  }
  const inflight = (metrics: ReturnType<typeof createMetrics>, count: number) => async () =>
    (await metric(metrics, 'sluice_inference_inflight{'))?.endsWith(` ${count}`) ?? false;

  test('take no memory by what they say: others are answered beside any number of them', async () => {
    const { url, metrics } = await serving();
    const slow = Array.from({ length: 20 }, () => begin(url, 10));
    await waitUntil('all are in flight', inflight(metrics, 20));
    expect((await post(url + inferPath, rowsBody(1))).status).toBe(200);
    for (const { request } of slow) request.destroy();
    await waitUntil('none is in flight', inflight(metrics, 0));
  });

  test('are refused while memory is short, and give theirs up to others when they have had their time', async () => {
    const { url, metrics } = await serving();
    const slow = Array.from({ length: 4 }, () => begin(url, maxRequestBytes - 1));
    await waitUntil('all are in flight', inflight(metrics, 4));
    const body = rowsBody(1);
    await waitUntil('they hold what is there', async () => (await post(url + inferPath, body)).status === 429);
    await waitUntil('one of them has given way', async () => (await post(url + inferPath, body)).status === 200);
    slow[0]?.request.end(' ');
    expect(await slow[0]?.status).toBe(408);
    for (const { request } of slow) request.destroy();
    await waitUntil('none is in flight', inflight(metrics, 0));
    for (let again = 0; again < 8; again += 1) expect((await post(url + inferPath, body)).status).toBe(200);
  });

  test('that are refused are read to their end before they are answered, and their connection goes on', async () => {
    const { app, url } = await serving();
    const socket = connect(portOf(app), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const answers = () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
    const refused: [string, number][] = [
      ['/v2/models/other/infer', 404],
      [inferPath, 413],
    ];
    for (const [path, status] of refused) {
      const before = answers().length;
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      for (let piece = 0; piece < 20; piece += 1) socket.write(`1000\r\n${' '.repeat(4096)}\r\n`);
      expect(answers()).toHaveLength(before);
      socket.write('0\r\n\r\n');
      await waitUntil('it is answered', () => answers().length === before + 1);
      expect(answers().at(-1)).toBe(status);
    }
    expect(text).not.toMatch(/connection: close/i);
    socket.destroy();
    expect((await post(url + inferPath, rowsBody(1))).status).toBe(200);
  });
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
