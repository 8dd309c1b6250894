// Lives of a TrainingJob that end well: attempts, and the version that they make.
import { describe, expect, test } from '@jest/globals';
import { modelVersionSpecSchema } from '@sluice/crds/v1alpha1/model-version.ts';
import type { ObservedVersion } from './observed.ts';
import { runningWorld, succeeded, toldWorld } from './testing/endings.ts';
import { digest, startTime, success, waitingPod } from './testing/samples.ts';
import { World } from './testing/world.ts';

/** A version of the model that another job made. */
const otherVersion: ObservedVersion = {
  metadata: { name: 'digits-1', uid: 'v', creationTimestamp: '' },
  spec: {
    modelName: 'digits',
    number: 1,
    bundle: { uri: 'pvc://models/digits/x', digest: digest('e'), format: 'TFJSLayers' },
    lineage: { trainingJob: { name: 'other', uid: 'bbbb' } },
  },
};

/** A world whose first attempt has its Job, among so many that only news is told. */
function crowdedWorld(): World {
  const world = new World();
  world.isCrowded = true;
  world.settle();
  return world;
}

describe('an attempt', () => {
  const jobs = ({ desired }: ReturnType<World['round']>) =>
    desired.map(({ manifest, lifetime }) => [manifest.metadata.name, lifetime]);

  test('that is the first is made at the first look, and told with it', () => {
    const world = new World();
    const first = world.round();
    expect(jobs(first)).toEqual([['digits-1', 'CreateOnce']]);
    expect(first.status).toMatchObject({ attempt: 1, attemptStartedAt: startTime, observedGeneration: 1 });
    expect(first.events.map(({ reason }) => reason)).toEqual(['AttemptStarted']);
  });

  test('that follows another has its number on the object before it has a Job', () => {
    const world = runningWorld();
    world.endPods({ exitCode: 137 });
    world.settle();
    world.pass(13);
    const begun = world.round();
    expect(jobs(begun)).toEqual([['digits-1', 'Retained']]);
    expect(begun.status).toMatchObject({ attempt: 2 });
    expect(begun.statusCanWait).toBeUndefined();
    expect(jobs(world.round())).toEqual([
      ['digits-1', 'Retained'],
      ['digits-2', 'CreateOnce'],
    ]);
  });

  test('is never made twice: once its Job exists it is only kept', () => {
    const world = runningWorld();
    expect(world.round().desired.map(({ lifetime }) => lifetime)).toEqual(['Retained']);
  });

  test('that fails for the infrastructure is followed by another after its pause', () => {
    const world = runningWorld();
    world.endPods({ exitCode: 137, reason: 'Error' });
    world.settle();
    expect(world.status).toMatchObject({
      attempt: 1,
      failure: { class: 'Infrastructure', retryable: true, exitCode: 137 },
      retries: { infrastructure: 1 },
    });
    world.pass(13);
    world.settle();
    expect(world.created).toEqual([1, 2]);
  });

  test('waits for the pods of the one before', () => {
    const world = toldWorld();
    const { pods } = world.observed;
    world.observed = { ...world.observed, jobs: [] };
    world.round();
    world.observed = { ...world.observed, pods };
    expect(world.condition('Running')).toBe('True');
    world.setSpec({ suspend: true });
    world.round();
    world.observed = { ...world.observed, pods };
    world.setSpec({ suspend: false });
    world.round();
    world.observed = { ...world.observed, pods };
    expect(world.round().desired).toEqual([]);
    expect(world.status).toMatchObject({ attempt: 2 });
    expect(world.status.conditions?.[0]?.message).toMatch(/digits-1-x of an earlier attempt has not ended/);
  });

  test('whose Job is deleted while it runs failed for the infrastructure', () => {
    const world = toldWorld();
    world.deleteChildren();
    world.settle();
    expect(world.status.failure).toMatchObject({
      class: 'Infrastructure',
      message: 'its Job was deleted while it ran',
    });
  });

  test('that drains without our asking goes on without spending a budget', () => {
    const world = runningWorld();
    world.endPods({ exitCode: 20 });
    world.settle();
    world.pass(15);
    world.settle();
    expect(world.created).toEqual([1, 2]);
    expect(world.status.retries).toBeUndefined();
    expect(world.status.failure).toBeUndefined();
  });

  test('of an earlier TrainingJob of this name is not taken for ours', () => {
    const old = runningWorld();
    old.endPods(succeeded);
    const world = new World();
    const pods = old.observed.pods.map((one) => ({
      ...one,
      metadata: { ...one.metadata, labels: { ...one.metadata.labels, 'sluice.dev/training-job-uid': 'older' } },
    }));
    world.observed = { ...world.observed, pods };
    world.round();
    world.round();
    expect(world.created).toEqual([1]);
    expect(world.status.bundle).toBeUndefined();
  });
});

describe('success', () => {
  test('becomes a ModelVersion, and the status that says so ends Complete', () => {
    const world = runningWorld();
    world.endPods(succeeded);
    world.round();
    const read = world.round();
    expect(read.status).toMatchObject({
      modelVersion: 'digits-1',
      data: success.data,
      metrics: [{ value: 0.9612, lower: 0.9412, upper: 0.9812 }],
    });
    const made = read.desired.find(({ manifest }) => manifest.kind === 'ModelVersion');
    expect(made?.lifetime).toBe('Independent');
    expect(modelVersionSpecSchema.parse(made?.manifest['spec'])).toMatchObject({
      number: 1,
      bundle: { uri: `pvc://models/digits/sha256-${'b'.repeat(64)}`, digest: digest('b') },
      lineage: {
        trainingJob: { name: 'digits', uid: 'aaaa-1' },
        dataDigest: digest('d'),
        specDigest: digest('5'),
        image: 'sluice/trainer:1',
        accelerator: 'CPU',
      },
    });
    expect([world.condition('Ready'), world.condition('Complete'), world.condition('Reconciling')]).toEqual([
      'True',
      'True',
      undefined,
    ]);
  });

  test('says how many rows of the test the model may know by heart', () => {
    const world = runningWorld();
    const data = { ...success.data, testRowsInTraining: 12 };
    world.endPods({ exitCode: 0, message: JSON.stringify({ success: { ...success, data } }) });
    world.round();
    const { status, desired } = world.round();
    const made = desired.find(({ manifest }) => manifest.kind === 'ModelVersion');
    expect(modelVersionSpecSchema.parse(made?.manifest['spec']).lineage.testRowsInTraining).toBe(12);
    expect(status.data?.testRowsInTraining).toBe(12);
    expect(status.conditions?.find(({ type }) => type === 'Complete')?.message).toBe(
      'ModelVersion digits-1 was written: a ModelDeployment can serve it. Of the test rows 12 also stand in the training part.',
    );
  });

  test('takes the next number, and its parent is the newest', () => {
    const world = runningWorld();
    world.addVersion(otherVersion);
    world.endPods(succeeded);
    world.settle();
    expect(world.status).toMatchObject({ modelVersion: 'digits-2' });
    expect(world.observed.versions.at(-1)?.spec.lineage).toMatchObject({ parent: 'digits-1' });
  });

  test('is told of a version that was made before the status could be written, and no other is made', () => {
    const world = runningWorld();
    const { trainingJob } = world.observed;
    world.endPods(succeeded);
    world.round();
    world.round();
    world.addVersion({ ...otherVersion, metadata: { ...otherVersion.metadata, name: 'digits-2' } });
    world.observed = { ...world.observed, trainingJob };
    const again = world.round();
    expect(again.desired.map(({ manifest }) => manifest.kind)).toEqual(['Job']);
    expect(again.status).toMatchObject({ modelVersion: 'digits-1', bundle: { digest: digest('b') }, activeSeconds: 0 });
  });

  test('is known by its version alone when status and pod are lost', () => {
    const world = runningWorld();
    const { trainingJob } = world.observed;
    world.endPods(succeeded);
    world.round();
    world.round();
    world.deleteChildren();
    world.observed = { ...world.observed, trainingJob: { ...trainingJob, status: undefined } };
    expect(world.round().status).toMatchObject({ modelVersion: 'digits-1', metrics: [{ value: 0.9612 }] });
    expect([world.condition('Complete'), world.created]).toEqual(['True', [1]]);
  });

  test('sticks, even when every child and the version itself is deleted', () => {
    const world = runningWorld();
    world.endPods(succeeded);
    world.settle();
    world.deleteChildren();
    world.observed = { ...world.observed, versions: [] };
    world.setSpec({ retryToken: 'again' });
    world.settle();
    expect(world.round().desired).toEqual([]);
    expect(world.condition('Complete')).toBe('True');
  });

  test('keeps its Job for retention.podsSeconds and no longer', () => {
    const world = runningWorld({ retention: { podsSeconds: 60 } });
    world.endPods(succeeded);
    world.settle();
    world.pass(59);
    expect(world.round()).toMatchObject({ desired: [{ lifetime: 'Retained' }], wakeAfterSeconds: 1 });
    world.pass(1);
    expect(world.round().desired).toEqual([]);
  });
});

describe('a state that is only passed through', () => {
  test('is not told: a job of two seconds has a status at its beginning, if there is room for it, and at its end', () => {
    const world = new World();
    expect(world.round().statusCanWait).toBe(true);
    const { status } = world;
    expect(status.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'False', reason: 'PodPending' });
    world.startPod();
    world.pass(2);
    expect(world.round()).toMatchObject({ status, events: [], wakeAfterSeconds: 1 });
    world.endPods(succeeded);
    world.round();
    world.round();
    expect([world.condition('Complete'), world.status.startedAt]).toEqual(['True', startTime]);
  });

  test('is not told at all in a crowd: a job of two seconds has one status, at its end', () => {
    const world = crowdedWorld();
    world.startPod();
    world.pass(2);
    expect(world.round().wakeAfterSeconds).toBe(1);
    expect(world.status.conditions).toBeUndefined();
    world.endPods(succeeded);
    world.round();
    const end = world.round();
    expect(end.statusCanWait).toBeUndefined();
    expect(end.events.map(({ reason }) => reason)).toEqual(['Complete']);
    expect(world.status).toMatchObject({ attempt: 1, startedAt: startTime, activeSeconds: 2 });
    expect([world.condition('Complete'), world.created]).toEqual(['True', [1]]);
  });

  test('is told when it lasts', () => {
    const world = crowdedWorld();
    world.pass(9);
    world.settle();
    expect(world.status.conditions).toBeUndefined();
    world.pass(1);
    world.settle();
    expect(world.status.conditions?.[0]).toMatchObject({ reason: 'PodPending', status: 'False' });
    world.startPod();
    world.settle();
    world.pass(3);
    world.settle();
    expect(world.status.conditions?.[0]).toMatchObject({ reason: 'Running' });
  });

  test('says that a newer spec was seen', () => {
    const world = runningWorld();
    world.setSpec({ retention: { podsSeconds: 60 } });
    world.settle();
    const { observedGeneration, conditions = [] } = world.status;
    expect(new Set([observedGeneration, ...conditions.map((each) => each.observedGeneration)])).toEqual(new Set([2]));
  });

  test('is told at once when something is wrong', () => {
    const world = crowdedWorld();
    world.observed = { ...world.observed, pods: [waitingPod(1, 'ErrImagePull')] };
    world.settle();
    expect(world.status.conditions?.[0]).toMatchObject({ reason: 'ImageUnavailable' });
  });
});
