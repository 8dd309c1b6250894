// What a user gets for input that only the run can find wrong: the object says what and what to do, and heals.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aLine, twoClasses } from './datasets.ts';
import { dataset, models, trainingJob } from './manifests.ts';
import { condition, World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open('bad-input');
  await world.apply(models, dataset('points', twoClasses(200)), dataset('line', aLine(200)));
}, 60_000);

afterAll(() => world.close());

/** What is said of a job that waits for what may still come; it is not Stalled yet. */
async function waitsFor(name: string, reason: string): Promise<string> {
  const job = await world.untilCondition(
    { kind: 'TrainingJob', name },
    { type: 'Reconciling', status: 'True', reason },
  );
  expect(condition(job, 'Stalled')).toBeUndefined();
  return condition(job, 'Ready')?.message ?? '';
}

/** What a person sees of a job that is Stalled: the reason and the message. */
async function stalledWith(name: string, reason: string): Promise<string> {
  const job = await world.untilCondition({ kind: 'TrainingJob', name }, { type: 'Stalled', status: 'True', reason });
  return condition(job, 'Stalled')?.message ?? '';
}

describe('data', () => {
  test('a missing ConfigMap is named, and the job starts when it appears', async () => {
    await world.apply(trainingJob('late-data', { data: { source: { configMap: { name: 'late', key: 'rows.csv' } } } }));
    expect(await waitsFor('late-data', 'InputInvalid')).toContain('late');
    await world.apply(dataset('late', twoClasses(200)));
    await world.apply(
      trainingJob('late-data', {
        data: { source: { configMap: { name: 'late', key: 'rows.csv' } } },
        spec: { retryToken: 'again' },
      }),
    );
    await world.untilCondition({ kind: 'TrainingJob', name: 'late-data' }, { type: 'Ready', status: 'True' });
  }, 120_000);

  test('a missing file in a claim is named with its path', async () => {
    const source = { persistentVolumeClaim: { claimName: 'models', path: 'no/such/file.csv' } };
    await world.apply(trainingJob('no-file', { data: { source } }));
    expect(await stalledWith('no-file', 'InputInvalid')).toContain('no/such/file.csv');
  }, 90_000);

  test('a missing target column is named together with the columns there are', async () => {
    await world.apply(trainingJob('no-target', { data: { target: 'outcome' } }));
    const message = await stalledWith('no-target', 'InputInvalid');
    expect(message).toContain('outcome');
    expect(message).toContain('label');
  }, 90_000);

  test('a target with one class cannot be learned', async () => {
    await world.apply(dataset('one-class', twoClasses(200).replaceAll('yes', 'no')));
    await world.apply(
      trainingJob('one-class', { data: { source: { configMap: { name: 'one-class', key: 'rows.csv' } } } }),
    );
    expect(await stalledWith('one-class', 'InputInvalid')).toContain('label');
  }, 90_000);

  test('bytes other than the pinned ones are refused with both digests', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    await world.apply(trainingJob('pinned', { data: { digest } }));
    expect(await stalledWith('pinned', 'InputInvalid')).toContain('sha256:0000');
  }, 90_000);
});

describe('places', () => {
  test('a missing storage claim is waited for, and creating it starts the job', async () => {
    await world.apply(
      trainingJob('late-claim', { spec: { storage: { persistentVolumeClaim: { claimName: 'later' } } } }),
    );
    expect(await waitsFor('late-claim', 'StorageMissing')).toContain('later');
    await world.apply({ ...models, metadata: { name: 'later' } });
    await world.untilCondition({ kind: 'TrainingJob', name: 'late-claim' }, { type: 'Ready', status: 'True' });
  }, 120_000);

  test('a job that no node can take says which resource is missing', async () => {
    const resources = { cpu: '100m', memory: '1Gi', gpu: { resourceName: 'example.com/tpu' } };
    await world.apply(trainingJob('no-gpu', { spec: { resources } }));
    const job = await world.untilCondition(
      { kind: 'TrainingJob', name: 'no-gpu' },
      { type: 'Ready', status: 'False', reason: 'Unschedulable' },
    );
    expect(condition(job, 'Ready')?.message).toContain('no node offers 1 × example.com/tpu');
  }, 60_000);

  test('a GPU that is there but does not work fails the job instead of training slowly', async () => {
    const resources = { cpu: '100m', memory: '1Gi', gpu: {} };
    await world.apply(trainingJob('dead-gpu', { spec: { resources } }));
    const job = await world.untilCondition(
      { kind: 'TrainingJob', name: 'dead-gpu' },
      { type: 'Failed', status: 'True', reason: 'NoAccelerator' },
    );
    expect(job.status?.['failure']).toMatchObject({ class: 'NoAccelerator', retryable: false });
    expect(condition(job, 'Stalled')?.status).toBe('True');
  }, 90_000);
});

describe('training', () => {
  test('a loss that is no number any more ends the job as Diverged, and names the learning rate', async () => {
    const job = trainingJob('diverges', {
      data: { source: { configMap: { name: 'line', key: 'rows.csv' } }, target: 'value' },
      builtin: {
        task: 'Regression',
        architecture: { type: 'MLP', hiddenUnits: [16] },
        epochs: 200,
        optimizer: { type: 'SGD', learningRate: 10 },
      },
    });
    await world.apply(job);
    const failed = await world.untilCondition(
      { kind: 'TrainingJob', name: 'diverges' },
      { type: 'Failed', status: 'True', reason: 'Diverged' },
    );
    expect(condition(failed, 'Failed')?.message).toContain('learningRate');
  }, 90_000);
});
