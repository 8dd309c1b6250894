// The supervisor with real child processes that behave well or badly.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exitCodes, progressReportSchema } from '@sluice/crds/contract.ts';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { serveProgress } from './progress-server.ts';
import { supervise } from './supervise.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'supervise-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const spec = trainingJobSpecSchema.parse({
  modelName: 'digits',
  data: { source: { configMap: { name: 'data', key: 'train.csv' } }, format: 'CSV', target: 'label' },
  trainer: { builtin: { task: 'Classification', architecture: { type: 'MLP' } } },
  deadlines: { progressSeconds: 5 },
  storage: { persistentVolumeClaim: { claimName: 'models' } },
});

/** Supervises a child whose code is `body`; `clockSpeed` makes its deadlines come sooner. */
async function run(
  body: string,
  options: { stop?: AbortSignal; drainMilliseconds?: number; clockSpeed?: number } = {},
) {
  const childPath = join(home, `child-${Math.random().toString(36).slice(2)}.mjs`);
  await writeFile(childPath, body);
  return supervise({
    order: { spec, ownerUid: 'uid', directories: { data: home, storage: home } },
    attempt: 1,
    childPath,
    port: 0,
    cgroupMount: home,
    drainMilliseconds: options.drainMilliseconds ?? 10_000,
    stop: options.stop ?? new AbortController().signal,
    now: () => performance.now() * (options.clockSpeed ?? 1),
  });
}

const end = (outcome: string) => `process.send({ type: 'Ended', outcome: ${outcome} }, () => process.disconnect());`;

describe('supervise', () => {
  test('passes the order on and takes over what the training process says', async () => {
    const verdict = await run(
      `process.on('message', ({ order }) => { ${end("{ type: 'Failed', failure: { class: 'Data', message: order.spec.modelName } }")} });`,
    );
    expect(verdict).toEqual({ exitCode: exitCodes.Data, result: { failure: { class: 'Data', message: 'digits' } } });
  });

  test('computes with as many threads as the CPU request has cores', async () => {
    const verdict = await run(
      `process.on('message', () => { ${end("{ type: 'Failed', failure: { class: 'Data', message: process.env.TF_NUM_INTRAOP_THREADS } }")} });`,
    );
    expect(verdict.result?.failure?.message).toBe('1');
  });

  test('reports a crash with its last lines', async () => {
    const verdict = await run(`throw new TypeError('this is broken');`);
    expect(verdict.exitCode).toBe(exitCodes.Internal);
    expect(verdict.result?.failure?.message).toContain('TypeError: this is broken');
  });

  test('kills a process that makes no progress', async () => {
    const verdict = await run(`setInterval(() => {}, 1000); process.on('message', () => {});`, { clockSpeed: 20 });
    expect(verdict).toMatchObject({ exitCode: exitCodes.Hang, result: { failure: { class: 'Hang' } } });
  });

  test('does not take slow steps for a hang', async () => {
    const verdict = await run(
      `let signs = 0;
       process.on('message', () => {
         const timer = setInterval(() => {
           if (++signs < 40) return process.send({ type: 'Alive' });
           clearInterval(timer);
           ${end("{ type: 'Drained' }")}
         }, 50);
       });`,
      { clockSpeed: 4 },
    );
    expect(verdict.exitCode).toBe(exitCodes.drained);
  });

  test('asks for a checkpoint when it is told to stop', async () => {
    const verdict = await run(
      `process.on('message', ({ type }) => { if (type === 'Drain') ${end("{ type: 'Drained' }")} });`,
      { stop: AbortSignal.timeout(100) },
    );
    expect(verdict).toEqual({ exitCode: exitCodes.drained, result: undefined });
  });

  test('does not wait for a checkpoint for longer than the grace', async () => {
    const verdict = await run(`setInterval(() => {}, 1000); process.on('message', () => {});`, {
      stop: AbortSignal.abort(),
      drainMilliseconds: 100,
    });
    expect(verdict.exitCode).toBe(exitCodes.Infrastructure);
  });
});

test('GET /progress answers with the document, anything else with 404', async () => {
  const report = {
    attempt: 1,
    stage: 'Fitting',
    step: 1,
    totalSteps: 2,
    epoch: 0,
    totalEpochs: 1,
    idleSeconds: 0,
    metrics: [],
  } as const;
  const server = await serveProgress(0, () => ({ ...report, metrics: [] }));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const answer = await fetch(`http://127.0.0.1:${port}/progress`);
  expect(progressReportSchema.parse(await answer.json())).toEqual(report);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  server.closeAllConnections();
  server.close();
});
