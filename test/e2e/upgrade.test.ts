// An upgrade by Helm from the release before, and its rollback, in the middle of a training, of a rollout and of a drain:
// no request is lost, nothing trains again, and nothing is rolled out again.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { startClient } from '../../demo/steps/client.ts';
import { chart } from '../cluster/chart.ts';
import { transferImages } from '../cluster/image-transfer.ts';
import { releaseBefore } from '../cluster/release-before.ts';
import { twoClasses } from './datasets.ts';
import { demoPlace } from './demo-place.ts';
import { type DetachedLoad, startDetachedLoad } from './detached-load.ts';
import { installRelease, removeRelease, rollback, upgrade } from './helm-release.ts';
import { dataset, modelDeployment, models, trainingJob } from './manifests.ts';
import { checkLoad, inferUrl, pointBody, servingStatus, untilLive } from './serving.ts';
import { type Conditioned, World } from './world.ts';

type Status = Partial<ModelDeploymentStatus>;

let world: World;

beforeAll(async () => {
  world = await World.open('upgrade');
  const before = await releaseBefore();
  await transferImages(before.images, `sluice-${world.place.name}`);
  await installRelease(world, before);
  await world.apply(models, dataset('points', twoClasses(200)), trainingJob('first', { model: 'points' }));
  await world.apply(proving, modelDeployment('switched', { name: 'points', version: 'points-1' }, slow));
  await Promise.all([
    untilLive(world, 'points', 'points-1'),
    untilLive(world, 'switched', 'points-1'),
    startClient(demoPlace(world)),
  ]);
}, 600_000);

afterAll(async () => {
  await removeRelease(world);
  await world.close();
}, 180_000);

/** The revision that gave way has minutes to finish its requests. */
const slow = { requestTimeoutSeconds: 400 };
/** More samples than the test brings: the step is left when the test says so. */
const probe = { name: 'probe', weightPercent: 50, minCandidateSamples: 1_000_000, maxSeconds: 3600 };
const proving = (() => {
  const plain = modelDeployment('points', { name: 'points', track: 'Latest' });
  const gates = [{ name: 'errors', traffic: { metric: 'errorRate' }, max: 0.5 }];
  return { ...plain, spec: { ...plain.spec, rollout: { steps: [probe], bakeSeconds: 3 }, gates } };
})();
/** Longer than the upgrade and its rollback. */
const long = { epochs: 10_000, batchSize: 1 };

const until = (name: string, holds: (status: Status) => boolean) =>
  world.until({ kind: 'ModelDeployment', name, within: 180 }, (object) => holds(servingStatus(object)));

const trainingStatus = ({ status }: Conditioned) => (status ?? {}) as Partial<TrainingJobStatus>;

const untilTraining = (holds: (status: Partial<TrainingJobStatus>) => boolean) =>
  world.until({ kind: 'TrainingJob', name: 'long', within: 120 }, (job) => holds(trainingStatus(job)));

const stepOf = ({ progress }: Partial<TrainingJobStatus>) => progress?.step ?? 0;
const samplesOf = (status: Status) => status.rollout?.candidateSamples ?? 0;

/** Pods that train or serve, by their UIDs: whoever is made anew has another one. */
async function pods(): Promise<string[]> {
  const lists = await Promise.all(
    ['trainer', 'server'].map((component) => world.list('Pod', `app.kubernetes.io/component=${component}`)),
  );
  return lists
    .flat()
    .filter(({ status }) => status?.['phase'] === 'Running')
    .map(({ metadata }) => `${metadata.name} ${metadata.uid}`)
    .sort();
}

/** What may not be other after the operator is another one. */
async function standing() {
  const points = servingStatus(await until('points', () => true));
  const switched = servingStatus(await until('switched', () => true));
  const { attempt, startedAt } = trainingStatus(await untilTraining(() => true));
  return {
    pods: await pods(),
    points: {
      stable: points.stable,
      candidate: points.candidate,
      rejected: points.rejected,
      step: points.rollout?.step,
      startedAt: points.rollout?.startedAt,
      shares: points.traffic?.map(({ revision, verifiedPercent }) => ({ revision, verifiedPercent })),
    },
    switched: { stable: switched.stable, candidate: switched.candidate },
    training: { attempt, startedAt },
  };
}

/** Changes the operator and waits until the other one has counted, read progress and written both. */
async function goOnWith(change: () => Promise<void>): Promise<void> {
  await change();
  const samples = samplesOf(servingStatus(await until('points', () => true)));
  const step = stepOf(trainingStatus(await untilTraining(() => true)));
  await until('points', (status) => samplesOf(status) > samples + 40);
  await untilTraining((status) => stepOf(status) > step);
}

test('an upgrade and its rollback lose no request, train nothing again and roll nothing out again', async () => {
  const place = demoPlace(world);
  const bodies = [pointBody(0, 0), pointBody(2.5, -2.5)];
  const urls = await Promise.all(['points', 'switched'].map(async (name) => inferUrl(await until(name, () => true))));
  const loads: DetachedLoad[] = [];
  for (const url of urls) loads.push(await startDetachedLoad(place, { url, requestsPerSecond: 20, bodies }));
  await world.apply(trainingJob('second', { model: 'points', spec: { seed: 2 } }));
  await until('points', (status) => status.candidate?.version === 'points-2' && samplesOf(status) > 20);
  await world.apply(trainingJob('long', { builtin: long }));
  await untilTraining((status) => status.progress?.stage === 'Fitting' && status.progress.step > 0);
  await world.patch('ModelDeployment', 'switched', { spec: { model: { version: 'points-2' } } });
  await until('switched', ({ stable, traffic }) => stable?.version === 'points-2' && traffic?.length === 2);

  const before = await standing();
  expect(before.pods.length).toBe(5);
  await goOnWith(() => upgrade(world, { chart }));
  expect(await standing()).toEqual(before);
  await goOnWith(() => rollback(world));
  expect(await standing()).toEqual(before);

  await world.patch('ModelDeployment', 'points', {
    spec: { rollout: { steps: [{ ...probe, minCandidateSamples: 40 }] } },
  });
  await untilLive(world, 'points', 'points-2');
  for (const load of loads) checkLoad(await load.stop());
}, 600_000);
