// Whole attempts on the pure JavaScript backend: from a data file to a bundle, and every way to fail on the way.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { trainingResultSchema } from '@sluice/crds/contract.ts';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { verifyBundle } from '@sluice/model/bundle-reading.ts';
import { makeEagerEngine } from '../fitting/eager-engine.ts';
import type { Engine } from '../fitting/engine.ts';
import { loadPortable } from '../fitting/portable.ts';
import { makeRandom } from '../fitting/random.ts';
import type { Outcome, Sign } from '../messages.ts';
import { makeChannel } from './channel.ts';
import { runTraining } from './run.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'run-'));
  for (const name of ['data', 'storage']) await mkdir(join(home, name));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** People who survive more often when they are in first class, with missing ages. */
function makeCsv(rows: number): string {
  const random = makeRandom(1);
  const lines = Array.from({ length: rows }, () => {
    const first = random() < 0.5;
    const survived = random() < (first ? 0.9 : 0.1);
    return [random() < 0.2 ? '' : Math.round(random() * 80), first ? 'first' : 'third', survived ? 'yes' : 'no'].join(
      ',',
    );
  });
  return ['age,class,survived', ...lines, ''].join('\n');
}

type Changes = { data?: object; builtin?: object; resources?: object };

function makeSpec({ data = {}, builtin = {}, resources = {} }: Changes) {
  const source = { persistentVolumeClaim: { claimName: 'datasets', path: 'train.csv' } };
  const defaults = {
    task: 'Classification',
    architecture: { type: 'Logistic' },
    epochs: 5,
    optimizer: { learningRate: 0.1 },
  };
  return trainingJobSpecSchema.parse({
    modelName: 'titanic',
    data: { source, format: 'CSV', target: 'survived', ...data },
    trainer: { builtin: { ...defaults, ...builtin } },
    resources,
    storage: { persistentVolumeClaim: { claimName: 'models' } },
  });
}

/** Runs an attempt; tells it to drain when `drainAt` steps are done. */
async function attempt(changes: Changes = {}, drainAt = Number.POSITIVE_INFINITY, wrap = (engine: Engine) => engine) {
  const signs: Sign[] = [];
  const native = await loadPortable();
  const send = (sign: Sign) => signs.push(sign);
  const steps = () => Math.max(0, ...signs.map((sign) => (sign.type === 'Step' ? sign.step : 0)));
  const outcome = await runTraining({
    order: {
      spec: makeSpec(changes),
      ownerUid: 'uid-1',
      directories: { data: join(home, 'data'), storage: join(home, 'storage') },
    },
    loadEngine: () => wrap(makeEagerEngine(native)),
    channel: makeChannel({ send, isDraining: () => steps() >= drainAt, now: () => performance.now() }),
    now: () => performance.now(),
    log: () => {},
  });
  return { outcome, signs, steps: steps() };
}

function bundleOf(outcome: Outcome) {
  if (outcome.type !== 'Complete') throw new Error(JSON.stringify(outcome));
  return outcome.success.bundle;
}

describe('a good run', () => {
  beforeEach(() => writeFile(join(home, 'data', 'train.csv'), makeCsv(300)));

  test('leaves a bundle that can be read back, and a result that fits the contract', async () => {
    const { outcome, signs } = await attempt();
    const { directory, digest } = bundleOf(outcome);
    const manifest = await verifyBundle(join(home, 'storage', directory), digest);
    expect(manifest.files.map(({ path }) => path)).toEqual(['card.md', 'model.json', 'report.json', 'weights.bin']);
    expect(manifest.target).toMatchObject({ classes: ['no', 'yes'] });
    expect(manifest.signature.inputs.map(({ name }) => name)).toEqual(['age', 'class']);
    if (outcome.type === 'Complete') {
      expect(trainingResultSchema.safeParse({ success: outcome.success }).success).toBe(true);
      expect(outcome.success.metrics.find(({ name }) => name === 'accuracy')?.value).toBeGreaterThan(0.75);
      expect(outcome.success.data.rows).toBe(300);
    }
    const stages = signs.flatMap((sign) => (sign.type === 'Stage' ? [sign.stage] : []));
    expect(stages).toEqual(['ReadingData', 'Fitting', 'Evaluating', 'Publishing']);
  });

  test('is drained, goes on where it was, ends with the same bundle, and leaves no checkpoint behind', async () => {
    const whole = bundleOf((await attempt()).outcome);
    await rm(join(home, 'storage'), { recursive: true });
    expect((await attempt({}, 12)).outcome).toEqual({ type: 'Drained' });
    expect(await readdir(join(home, 'storage', 'checkpoints', 'uid-1'))).toEqual(['12']);
    const resumed = await attempt();
    const first = resumed.signs.find((sign) => sign.type === 'Step');
    expect(first).toMatchObject({ step: 13 });
    expect(bundleOf(resumed.outcome)).toEqual(whole);
    expect(await readdir(join(home, 'storage', 'checkpoints'))).toEqual([]);
  });

  test('is drained while it still reads, with nothing to keep', async () => {
    const { outcome, steps } = await attempt({}, 0);
    expect({ outcome, steps }).toEqual({ outcome: { type: 'Drained' }, steps: 0 });
  });

  test('does not go on from a checkpoint of other hyperparameters', async () => {
    await attempt({}, 12);
    const { signs } = await attempt({ builtin: { batchSize: 16 } });
    expect(signs.find((sign) => sign.type === 'Step')).toMatchObject({ step: 1 });
  });
});

describe('a bad run fails with its class', () => {
  test.each<[string, string, Changes, string, string]>([
    [
      'a missing file',
      makeCsv(50),
      { data: { source: { configMap: { name: 'c', key: 'nope' } } } },
      'Data',
      'no such file',
    ],
    ['an empty file', '', {}, 'Data', 'empty'],
    ['a missing target', makeCsv(50), { data: { target: 'alive' } }, 'Data', 'alive'],
    ['a missing column', makeCsv(50), { data: { features: [{ name: 'fare', type: 'Number' }] } }, 'Data', 'fare'],
    ['a target with one class', makeCsv(50).replaceAll('yes', 'no'), {}, 'Data', 'survived'],
    ['an unreadable row', `${makeCsv(50)}1,2,3,4\n`, {}, 'Data', 'line 52'],
    [
      'text where a number is wanted',
      'age,survived\nx,no\n2,yes\n',
      { data: { features: [{ name: 'age', type: 'Number' }] } },
      'Data',
      'age',
    ],
    ['no GPU', makeCsv(50), { resources: { gpu: { count: 1 } } }, 'NoAccelerator', 'fallback: Allow'],
    [
      'a learning rate that is too high',
      'x,y\n'.concat(Array.from({ length: 200 }, (_, row) => `${row % 17},${(row % 17) * 2}\n`).join('')),
      {
        data: { target: 'y' },
        builtin: {
          task: 'Regression',
          architecture: { type: 'MLP' },
          epochs: 20,
          optimizer: { type: 'SGD', learningRate: 10 },
        },
      },
      'Diverged',
      'learningRate',
    ],
  ])('%s', async (_, csv, changes, failureClass, words) => {
    await writeFile(join(home, 'data', 'train.csv'), csv);
    const { outcome } = await attempt(changes);
    if (outcome.type !== 'Failed') throw new Error(JSON.stringify(outcome));
    expect(outcome.failure).toMatchObject({ class: failureClass, message: expect.stringContaining(words) });
    expect(outcome.failure.message.length).toBeLessThanOrEqual(200);
    expect(trainingResultSchema.safeParse({ failure: outcome.failure }).success).toBe(true);
  });

  test('a GPU that is missing is no failure when the CPU is allowed, and the result says CPU', async () => {
    await writeFile(join(home, 'data', 'train.csv'), makeCsv(100));
    const { outcome } = await attempt({ resources: { gpu: { count: 1, fallback: 'Allow' } } });
    expect(outcome).toMatchObject({ type: 'Complete', success: { accelerator: 'CPU' } });
  });

  test('a storage that cannot be written is found before anything is read', async () => {
    await writeFile(join(home, 'data', 'train.csv'), makeCsv(100));
    await rm(join(home, 'storage'), { recursive: true, force: true });
    await writeFile(join(home, 'storage'), 'a file in its place');
    const { outcome, signs } = await attempt();
    expect(outcome).toMatchObject({ type: 'Failed' });
    expect(signs.filter(({ type }) => type === 'Stage')).toEqual([]);
  });

  test('a full volume is a fault of the infrastructure', async () => {
    await writeFile(join(home, 'data', 'train.csv'), makeCsv(100));
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const { outcome } = await attempt({}, undefined, (engine) => ({ ...engine, fit: () => Promise.reject(full) }));
    expect(outcome).toMatchObject({ failure: { class: 'Infrastructure', data: { rows: 100 } } });
  });
});
