// An evaluation of two real servers, checked against the same rows asked one by one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RunningServer, startServer } from '@sluice/server/server.ts';
import { age, city, digit, price, writeTinyBundle } from '@sluice/server/testing/tiny-bundle.ts';
import { wasmDirectory } from '@sluice/server/testing/wasm-directory.ts';
import { systemClock } from './clock.ts';
import { Bench } from './testing/bench.ts';

const settings = {
  workers: 1,
  queueSize: 50,
  maxRequestBytes: 4_000_000,
  maxElements: 100_000,
  requestTimeoutSeconds: 10,
  drainSeconds: 1,
};
let storage = '';
const servers: RunningServer[] = [];
const bench = new Bench();

beforeAll(async () => {
  storage = await mkdtemp(join(tmpdir(), 'evaluate-real-'));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.drain()));
  await bench.clear();
  await rm(storage, { recursive: true, force: true });
});

/** Serves a model of age and city whose weights hang on `phase`. Returns its URL. */
async function serve(target: typeof price | typeof digit, phase: number): Promise<string> {
  return serveWith(target, (index) => Math.sin(index * 7 + phase));
}

async function serveWith(target: typeof price | typeof digit, weight: (index: number) => number): Promise<string> {
  const plan = { network: 'Linear', features: [age, city], target, weight } as const;
  const { digest, directory } = await writeTinyBundle(storage, plan);
  const server = await startServer({
    model: { name: 'digits', version: 'digits-1' },
    revision: '7c9f4',
    bundleDigest: digest,
    modelDirectory: directory,
    wasmDirectory,
    workerFile: new URL(import.meta.resolve('@sluice/server/workers/worker.ts')),
    httpPort: 0,
    metricsPort: 0,
    settings,
  });
  servers.push(server);
  await server.loaded;
  return `http://127.0.0.1:${server.httpPort}`;
}

const rows = Array.from({ length: 30 }, (_, row) => ({
  age: row % 7 === 0 ? null : 20 + row,
  city: [null, 'Graz', 'Basel', 'Ulm'][row % 4] ?? null,
  target: (row * 13) % 10,
}));
const file = ['age,city,target', ...rows.map((row) => `${row.age ?? ''},${row.city ?? ''},${row.target}`), ''].join(
  '\n',
);

/** The server's answer to one row. */
async function ask(url: string, row: (typeof rows)[number], output: string): Promise<unknown> {
  const inputs = [
    { name: 'city', datatype: 'BYTES', shape: [1], data: [row.city] },
    { name: 'age', datatype: 'FP64', shape: [1], data: [row.age] },
  ];
  const body = JSON.stringify({ inputs, outputs: [{ name: output }] });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v2/models/digits/infer`, { method: 'POST', headers, body });
  const answer = (await response.json()) as { outputs: { data: unknown[] }[] };
  return answer.outputs[0]?.data[0];
}

async function evaluate(candidate: string, live: string) {
  const dataset = { target: 'target', features: undefined };
  const { result } = await bench.evaluate({ candidate, live }, { file, dataset, requestsPerSecond: 200 }, systemClock);
  return result;
}

test('the table of two classifiers is what their answers, row by row, say', async () => {
  const [candidate, live] = [await serve(digit, 0), await serve(digit, 5)];
  const expected = { bothRight: 0, candidateOnly: 0, liveOnly: 0, bothWrong: 0 };
  for (const row of rows) {
    const isRight = async (url: string) => (await ask(url, row, 'label')) === String(row.target);
    if (await isRight(candidate)) expected[(await isRight(live)) ? 'bothRight' : 'candidateOnly']++;
    else expected[(await isRight(live)) ? 'liveOnly' : 'bothWrong']++;
  }
  const result = await evaluate(candidate, live);
  expect(result?.success).toMatchObject({ n: 30, outcome: { type: 'PairedClasses', ...expected } });
  expect(expected.candidateOnly + expected.liveOnly).toBeGreaterThan(0);
});

test('a classifier whose numbers overflow is wrong on the rows where they do, and only there', async () => {
  // Weights of the age and biases so large that ages above 43 leave the range of a float.
  const overflowing = await serveWith(digit, (index) => (index < 10 ? 3e38 : 0));
  const [candidate, live] = [overflowing, await serve(digit, 5)];
  const answers = await Promise.all(rows.map((row) => ask(candidate, row, 'label').catch(() => undefined)));
  const broken = answers.filter((answer) => answer === undefined).length;
  const right = answers.filter((answer, index) => answer === String(rows[index]?.target)).length;
  expect([broken > 0, broken < rows.length]).toEqual([true, true]);
  const counts = (await evaluate(candidate, live))?.success;
  expect(counts).toMatchObject({ n: 30, candidate: { failedRequests: 0, failedRows: 0, nonFinite: broken } });
  if (counts?.outcome.type !== 'PairedClasses') throw new Error('two classifiers are paired');
  expect(counts.outcome.bothRight + counts.outcome.candidateOnly).toBe(right);
});

test('the sums of two regressors are those of their answers, row by row', async () => {
  const [candidate, live] = [await serve(price, 0), await serve(price, 5)];
  const sums = { candidate: 0, live: 0, squares: 0 };
  for (const row of rows) {
    const errorOf = async (url: string) => Math.abs(Number(await ask(url, row, 'value')) - row.target);
    const [own, other] = [await errorOf(candidate), await errorOf(live)];
    sums.candidate += own;
    sums.live += other;
    sums.squares += (own - other) ** 2;
  }
  const outcome = (await evaluate(candidate, live))?.success?.outcome;
  if (outcome?.type !== 'PairedValues') throw new Error('two regressors are paired by value');
  expect(outcome.candidate.absolute.sum).toBeCloseTo(sums.candidate, 3);
  expect(outcome.live.absolute.sum).toBeCloseTo(sums.live, 3);
  expect(outcome.difference.absolute.sumOfSquares).toBeCloseTo(sums.squares, 1);
  expect(sums.squares).toBeGreaterThan(1);
});
