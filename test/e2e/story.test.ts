// The demo as assertions: real digits are trained on, served, asked about, and replaced under load, step after step.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ModelVersionSpec } from '@sluice/crds/v1alpha1/model-version.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { parse } from 'yaml';
import { type Digit, digitsCsv, holdOut, inferBody, readDigits } from '../../demo/digits/dataset.ts';
import { startClient } from '../../demo/steps/client.ts';
import { writeClaimFile } from '../../demo/steps/dataset.ts';
import { applyExample, exampleApplication } from '../../demo/steps/examples.ts';
import { measureOperator, type OperatorFigures, writesBetween } from '../../demo/steps/measure.ts';
import { waitForModel } from '../../demo/steps/models.ts';
import type { Place } from '../../demo/steps/place.ts';
import { isRight, predictDigits } from '../../demo/steps/predict.ts';
import { demoPlace } from './demo-place.ts';
import { inferUrl, isLive, servingStatus, underLoad, untilLive, untilOnlyOneRevision } from './serving.ts';
import { type Conditioned, World } from './world.ts';

/** Every fifth digit: enough to learn from within seconds. */
const share = 5;

let world: World;
let place: Place;
let heldOut: Digit[];
let url: string;
let bodies: string[];
let operator: OperatorFigures;

beforeAll(async () => {
  world = await World.open('story');
  place = demoPlace(world);
  operator = await measureOperator(place.cluster);
  const digits = holdOut(await readDigits(), 3);
  heldOut = digits.heldOut;
  bodies = heldOut.map((digit) => inferBody([digit]));
  await applyExample(place, 'examples/digits/storage.yaml');
  const text = digitsCsv(digits.training.filter((_, index) => index % share === 0));
  await writeClaimFile(place, { claimName: 'datasets', path: 'digits.csv', text });
}, 180_000);

afterAll(() => world.close());

/** The example's first job with more epochs: long enough to be watched. */
async function firstJob(): Promise<object> {
  const { manifest } = await exampleApplication('examples/digits/training-job.yaml', world.namespace, true);
  const job = parse(manifest);
  job.spec.trainer.builtin.epochs = 150;
  return job;
}

const get = async (kind: string, name: string): Promise<Conditioned> =>
  world.until({ kind, name, within: 1 }, () => true);

const columns = async (kinds: string): Promise<string[]> =>
  (await world.kubectl(['--namespace', world.namespace, 'get', kinds])).trim().split('\n').map(squeeze);
const squeeze = (line: string) => line.replaceAll(/ +/g, ' ').trim();

const live = () => get('ModelDeployment', 'digits');

const predictHeldOut = async () => {
  const { version, predictions } = await predictDigits(place, url, heldOut);
  return { version, right: predictions.filter(isRight).length };
};

describe('training', () => {
  const seen: Partial<TrainingJobStatus>[] = [];

  test('runs on the node that offers a GPU, and the object tells how far it is', async () => {
    const startedAt = performance.now();
    await world.apply(await firstJob());
    const pods = world.eventually({ what: 'a pod of digits-mlp-1' }, async () => {
      const [pod] = await world.list('Pod', 'sluice.dev/training-job=digits-mlp');
      return pod;
    });
    await world.until({ kind: 'Job', name: 'digits-mlp-1' }, () => true);
    const toJob = (performance.now() - startedAt) / 1000;
    await waitForModel(place, 'digits-mlp', (status) => seen.push(status));
    const toComplete = (performance.now() - startedAt) / 1000;
    console.log(`TrainingJob: ${toJob.toFixed(1)} s to its Job, ${toComplete.toFixed(1)} s to Complete`);
    expect((await pods).spec?.['containers']).toMatchObject([{ resources: { limits: { 'nvidia.com/gpu': '1' } } }]);
    const reports = seen.flatMap(({ progress }) => progress ?? []);
    const fitting = reports.filter(({ stage }) => stage === 'Fitting');
    expect(fitting.some(({ percent }) => percent > 0 && percent < 100)).toBe(true);
    expect(fitting.some(({ etaSeconds }) => (etaSeconds ?? 0) > 0)).toBe(true);
    const steps = fitting.map(({ step }) => step);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  }, 240_000);

  test('ends Complete with metrics in their intervals, and says that no GPU was used', async () => {
    const job = await world.untilCondition(
      { kind: 'TrainingJob', name: 'digits-mlp' },
      { type: 'Complete', status: 'True' },
    );
    expect(job.status).toMatchObject({ attempt: 1, accelerator: 'CPU', modelVersion: 'digits-1' });
    const { metrics = [], progress } = job.status as Partial<TrainingJobStatus>;
    expect(progress?.percent).toBe(100);
    const accuracy = metrics.find(({ name, split }) => name === 'accuracy' && split === 'test');
    expect(accuracy?.value).toBeGreaterThan(0.8);
    for (const { value, lower, upper, n } of metrics.filter((each) => each.noInterval === undefined)) {
      expect(lower).toBeLessThanOrEqual(value);
      expect(upper).toBeGreaterThanOrEqual(value);
      expect(n).toBeGreaterThan(300);
    }
  }, 30_000);

  test('leaves a ModelVersion that says where it comes from', async () => {
    const [job, version] = await Promise.all([get('TrainingJob', 'digits-mlp'), get('ModelVersion', 'digits-1')]);
    const status = job.status as Partial<TrainingJobStatus>;
    const spec = version.spec as ModelVersionSpec;
    expect(spec).toMatchObject({ modelName: 'digits', number: 1, metrics: status.metrics });
    expect(spec.bundle.uri).toBe(`pvc://models/digits/${spec.bundle.digest.replace(':', '-')}`);
    expect(spec.lineage).toMatchObject({
      trainingJob: { name: 'digits-mlp', uid: job.metadata.uid },
      dataDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      dataRows: status.data?.rows,
      specDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      image: expect.stringContaining('/trainer:'),
      accelerator: 'CPU',
      seed: 7,
    });
    expect(spec.lineage.parent).toBeUndefined();
  });
});

describe('serving', () => {
  test('answers about digits that no model has seen, through the gateway', async () => {
    await applyExample(place, 'examples/digits/model-deployment.yaml');
    await Promise.all([untilLive(world, 'digits', 'digits-1'), startClient(place)]);
    url = inferUrl(await live());
    expect(url).toBe(`http://digits.${world.namespace}/v2/models/digits/infer`);
    const { version, right } = await predictHeldOut();
    expect(version).toBe('digits-1');
    expect(right).toBeGreaterThan(heldOut.length * 0.7);
  }, 180_000);

  test('reads well in the columns of kubectl', async () => {
    const jobs = await columns('tj');
    expect(jobs[0]).toBe('NAME READY REASON DONE% ETA-S ATTEMPT VERSION AGE');
    expect(jobs[1]).toMatch(/^digits-mlp True Complete 100 (<none> )?1 digits-1 \w+$/);
    const versions = await columns('mver');
    expect(versions[0]).toBe('NAME READY REASON MODEL ACCURACY MAE JOB AGE');
    expect(versions[1]).toMatch(/^digits-1 True Published digits 0\.\d+ (<none> )?digits-mlp \w+$/);
    const deployments = await columns('mdep');
    expect(deployments[0]).toBe('NAME AVAILABLE READY REASON STABLE CANDIDATE STEP WEIGHT AGE');
    expect(deployments[1]).toMatch(/^digits True True Serving digits-1 (<none> )?\w+$/);
    const everything = await world.kubectl(['--namespace', world.namespace, 'get', 'sluice', '--output=name']);
    expect(everything.trim().split('\n').sort()).toEqual([
      'modeldeployment.sluice.dev/digits',
      'modelversion.sluice.dev/digits-1',
      'trainingjob.sluice.dev/digits-mlp',
    ]);
  });
});

describe('under constant load, no request is lost', () => {
  test('when a better version is trained and takes over', async () => {
    const load = await underLoad(world, { url, bodies }, async () => {
      await applyExample(place, 'examples/digits/better-training-job.yaml');
      await waitForModel(place, 'digits-cnn');
      await untilLive(world, 'digits', 'digits-2');
    });
    expect(load.versions.map(({ version }) => version)).toEqual(['digits-1', 'digits-2']);
    const { lineage } = (await get('ModelVersion', 'digits-2')).spec as ModelVersionSpec;
    expect(lineage.parent).toBe('digits-1');
    expect(await predictHeldOut()).toMatchObject({ version: 'digits-2' });
  }, 300_000);

  test('when the settings of the server change, which makes a new revision', async () => {
    const before = servingStatus(await live()).stable;
    await underLoad(world, { url, bodies }, async () => {
      await world.patch('ModelDeployment', 'digits', { spec: { server: { requestTimeoutSeconds: 5 } } });
      await untilLive(world, 'digits', 'digits-2');
    });
    const after = servingStatus(await live()).stable;
    expect(after).toMatchObject({ version: before?.version, digest: before?.digest });
    expect(after?.revision).not.toBe(before?.revision);
  }, 180_000);

  test('when replicas change, which makes no revision', async () => {
    const revisions = async () => (await world.list('ControllerRevision')).map(({ metadata }) => metadata.name).sort();
    const before = await revisions();
    await underLoad(world, { url, bodies }, async () => {
      for (const replicas of [3, 1]) {
        await world.patch('ModelDeployment', 'digits', { spec: { server: { replicas } } });
        await world.until(
          { kind: 'ModelDeployment', name: 'digits' },
          (deployment) => isLive(deployment, 'digits-2') && servingStatus(deployment).readyReplicas === replicas,
        );
      }
    });
    expect(await revisions()).toEqual(before);
  }, 180_000);

  test('when an older version is pinned, and nothing of the newer one stays', async () => {
    const load = await underLoad(world, { url, bodies }, async () => {
      const model = { track: null, version: 'digits-1' };
      await world.patch('ModelDeployment', 'digits', { spec: { model } });
      await untilLive(world, 'digits', 'digits-1');
      await untilOnlyOneRevision(world, 'digits');
    });
    expect(load.versions.map(({ version }) => version)).toEqual(['digits-2', 'digits-1']);
    expect(await predictHeldOut()).toMatchObject({ version: 'digits-1' });
  }, 240_000);
});

test('the operator stays small meanwhile, and writes little', async () => {
  const now = await measureOperator(place.cluster);
  const writes = writesBetween(operator, now);
  console.log(`operator: ${now.memoryMiB.toFixed(0)} MiB, writes ${JSON.stringify(Object.fromEntries(writes))}`);
  expect(now.memoryMiB).toBeLessThan(200);
  expect(writes.get('PATCH')).toBeGreaterThan(20);
  const made = [...writes].filter(([method]) => method !== 'PUT').reduce((sum, [, count]) => sum + count, 0);
  expect(made).toBeLessThan(500);
}, 30_000);
