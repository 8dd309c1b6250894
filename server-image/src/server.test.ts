// Conformance: the whole server, with its real workers, on real bundles.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';
import { age, type BundlePlan, city, digit, pixels, price, writeTinyBundle } from './testing/tiny-bundle.ts';
import { waitUntil } from './testing/wait-until.ts';
import { wasmDirectory } from './testing/wasm-directory.ts';

let storage: string;
const opened: RunningServer[] = [];
beforeAll(async () => {
  storage = await mkdtemp(join(tmpdir(), 'server-'));
});
afterAll(async () => {
  await Promise.all(opened.map((server) => server.drain()));
  await rm(storage, { recursive: true, force: true });
});

async function serve(plan: BundlePlan, settings: Partial<ServerOptions['settings']> = {}): Promise<RunningServer> {
  const { digest, directory } = await writeTinyBundle(storage, plan);
  const server = await startServer({
    model: { name: 'tiny', version: 'tiny-3' },
    revision: '7c9f4',
    bundleDigest: digest,
    modelDirectory: directory,
    wasmDirectory,
    workerFile: new URL('./workers/worker.ts', import.meta.url),
    httpPort: 0,
    metricsPort: 0,
    settings: {
      workers: 1,
      queueSize: 50,
      maxRequestBytes: 4_000_000,
      maxElements: 100_000,
      requestTimeoutSeconds: 10,
      drainSeconds: 1,
      ...settings,
    },
  });
  opened.push(server);
  await server.loaded;
  return server;
}

const json = { 'content-type': 'application/json; charset=utf-8' };
const urlOf = (server: RunningServer, path: string) => `http://127.0.0.1:${server.httpPort}${path}`;

async function get(server: RunningServer, path: string): Promise<unknown> {
  const response = await fetch(urlOf(server, path));
  expect([path, response.status]).toEqual([path, 200]);
  return response.json();
}

async function infer(server: RunningServer, body: object, path = '/v2/models/tiny/infer') {
  const response = await fetch(urlOf(server, path), { method: 'POST', body: JSON.stringify(body), headers: json });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function metricsOf(server: RunningServer): Promise<string> {
  return (await fetch(`http://127.0.0.1:${server.metricsPort}/metrics`)).text();
}

const image = Array.from({ length: 784 }, (_, index) => (index % 7) / 7);
const nested = [Array.from({ length: 28 }, (_, y) => Array.from({ length: 28 }, (_, x) => [image[y * 28 + x] ?? 0]))];
const pixelsInput = { name: 'pixels', shape: [1, 28, 28, 1], datatype: 'FP32', data: image };

describe('a classifier of images', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await serve({ network: 'CNN', features: [pixels], target: digit }, { workers: 2 });
  });

  test('answers every path of the protocol', async () => {
    const metadata = {
      name: 'tiny',
      versions: ['tiny-3'],
      platform: 'tensorflowjs_layers',
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 28, 28, 1] }],
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [-1] },
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] },
      ],
    };
    expect(await get(server, '/v2')).toEqual({
      name: 'sluice',
      version: expect.any(String),
      extensions: ['binary_tensor_data'],
    });
    expect(await get(server, '/v2/health/live')).toEqual({ live: true });
    expect(await get(server, '/v2/health/ready')).toEqual({ ready: true, live: true });
    for (const path of ['/v2/models/tiny', '/v2/models/tiny/versions/tiny-3', '/v2/models/tiny/']) {
      expect(await get(server, path)).toEqual(metadata);
    }
    for (const path of ['/v2/models/tiny/ready', '/v2/models/tiny/versions/tiny-3/ready']) {
      expect(await get(server, path)).toEqual({ name: 'tiny', ready: true });
    }
  });

  test('gives the same answer for flat and nested data, with and without the version', async () => {
    const flat = await infer(server, { id: 'q-1', inputs: [pixelsInput] });
    expect(flat).toEqual({
      status: 200,
      body: {
        model_name: 'tiny',
        model_version: 'tiny-3',
        id: 'q-1',
        outputs: [
          { name: 'label', datatype: 'BYTES', shape: [1], data: [expect.stringMatching(/^\d$/)] },
          { name: 'probabilities', datatype: 'FP32', shape: [1, 10], data: expect.any(Array) },
        ],
      },
    });
    const path = '/v2/models/tiny/versions/tiny-3/infer';
    expect(await infer(server, { id: 'q-1', inputs: [{ ...pixelsInput, data: nested }] }, path)).toEqual(flat);
  });

  test('gives probabilities that sum to 1, and the label of the largest', async () => {
    const data = Array.from({ length: 3 * 784 }, (_, index) => Math.abs(Math.sin(index)));
    const { body } = await infer(server, { inputs: [{ ...pixelsInput, shape: [3, 28, 28, 1], data }] });
    const [label, probabilities] = body['outputs'] as { data: (number | string)[] }[];
    for (const row of [0, 1, 2]) {
      const ofRow = probabilities?.data.slice(row * 10, row * 10 + 10).map(Number) ?? [];
      expect(ofRow.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      expect(label?.data[row]).toBe(String(ofRow.indexOf(Math.max(...ofRow))));
    }
  });

  test('shows its metrics on a port of their own', async () => {
    expect(await metricsOf(server)).toContain('sluice_workers_ready{revision="7c9f4"} 2');
    expect((await fetch(`http://127.0.0.1:${server.metricsPort}/v2`)).status).toBe(404);
    expect((await fetch(urlOf(server, '/metrics'))).status).toBe(404);
  });
});

test('a regression over a table takes numbers and texts and leaves gaps to the preprocessing', async () => {
  const server = await serve({ network: 'Linear', features: [age, city], target: price });
  const inputs = (ages: unknown[], cities: unknown[]) => [
    { name: 'age', shape: [ages.length], datatype: 'INT32', data: ages },
    { name: 'city', shape: [cities.length], datatype: 'BYTES', data: cities },
  ];
  const { status, body } = await infer(server, {
    inputs: inputs([40, null], ['Graz', 'Graz']),
    outputs: [{ name: 'value' }],
  });
  const outputs = body['outputs'] as { name: string; datatype: string; shape: number[]; data: number[] }[];
  expect(status).toBe(200);
  expect(outputs).toEqual([{ name: 'value', datatype: 'FP64', shape: [2], data: expect.any(Array) }]);
  expect(outputs[0]?.data[0]).toBe(outputs[0]?.data[1]);
  const overflow = await infer(server, {
    inputs: [{ name: 'age', shape: [1], datatype: 'FP64', data: [1e300] }, ...inputs([1], ['Graz']).slice(1)],
  });
  expect(overflow).toEqual({
    status: 400,
    body: { error: expect.stringMatching(/^input 'age' has 1e\+300 in row 1/) },
  });
});

describe('draining', () => {
  const plan: BundlePlan = { network: 'MLP', features: [pixels], target: digit };

  test('answers what still comes while routers have not heard of it', async () => {
    const server = await serve(plan, { drainSeconds: 4 });
    const statuses: number[] = [];
    let drained: Promise<void> | undefined;
    const client = async () => {
      while (statuses.length < 200) {
        statuses.push((await infer(server, { inputs: [pixelsInput] })).status);
        if (statuses.length === 50) drained = server.drain();
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
    await drained;
    expect(new Set(statuses)).toEqual(new Set([200]));
    await expect(get(server, '/v2/health/live')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  test('answers a request that was half sent when the server stopped listening', async () => {
    const server = await serve(plan, { drainSeconds: 2 });
    const body = JSON.stringify({ inputs: [pixelsInput] });
    const headers = { ...json, 'content-length': body.length };
    const request = httpRequest(urlOf(server, '/v2/models/tiny/infer'), { method: 'POST', headers });
    const answered = once(request, 'response');
    request.write(body.slice(0, 1000));
    await waitUntil('the request has begun', async () =>
      (await metricsOf(server)).includes('inflight{revision="7c9f4"} 1'),
    );
    const drained = server.drain();
    await waitUntil('nothing listens', () =>
      get(server, '/v2').then(
        () => false,
        () => true,
      ),
    );
    request.end(body.slice(1000));
    const [response] = (await answered) as [IncomingMessage];
    response.resume();
    expect([response.statusCode, response.headers.connection]).toEqual([200, 'close']);
    await drained;
  });

  test('cuts off what is not done when its time is over', async () => {
    const server = await serve(plan, { drainSeconds: 1 });
    const request = httpRequest(urlOf(server, '/v2/models/tiny/infer'), { method: 'POST', headers: json });
    const failed = once(request, 'error');
    request.write('{');
    await waitUntil('the request has begun', async () =>
      (await metricsOf(server)).includes('inflight{revision="7c9f4"} 1'),
    );
    await server.drain();
    await expect(failed).resolves.toMatchObject([{ code: 'ECONNRESET' }]);
  });
});
