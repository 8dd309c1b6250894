// Whole lives of a TrainingJob, and what holds in every one of them.
import { describe, expect, test } from '@jest/globals';
import { type ReasonText, reasons } from '@sluice/crds/reasons.ts';
import { modelVersionSpecSchema } from '@sluice/crds/v1alpha1/model-version.ts';
import { trainingJobStatusSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import fc from 'fast-check';
import type { ObservedVersion } from './observed.ts';
import { planTrainingJob } from './plan.ts';
import { digest, job, observe, pod, settings, start, success, trainingJob } from './testing/samples.ts';
import { World } from './testing/world.ts';

const succeeded = { exitCode: 0, message: JSON.stringify({ success }) };
const badData = { exitCode: 10, message: JSON.stringify({ failure: { class: 'Data', message: 'no column label' } }) };

/** A world whose first attempt runs. */
function runningWorld(spec: { readonly [field: string]: unknown } = {}): World {
  const world = new World(spec);
  world.settle();
  world.startPod();
  world.settle();
  return world;
}

describe('an attempt', () => {
  test('has its number on the object before it has a Job', () => {
    const world = new World();
    const first = world.round();
    expect(first.desired).toEqual([]);
    expect(first.status).toMatchObject({ attempt: 1, observedGeneration: 1 });
    expect(world.condition('Ready')).toBe('Unknown');
    expect(world.round().desired.map(({ manifest, lifetime }) => [manifest.metadata.name, lifetime])).toEqual([
      ['digits-1', 'CreateOnce'],
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
    const world = runningWorld();
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
    const world = runningWorld();
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
  test('becomes a ModelVersion whose name was stored first, and ends Complete', () => {
    const world = runningWorld();
    world.endPods(succeeded);
    const read = world.round();
    expect(read.desired.map(({ manifest }) => manifest.kind)).toEqual(['Job']);
    expect(read.status).toMatchObject({
      modelVersion: 'digits-1',
      data: success.data,
      metrics: [{ value: 0.9612, lower: 0.9412, upper: 0.9812 }],
    });
    world.deleteChildren();
    const made = world.round().desired.find(({ manifest }) => manifest.kind === 'ModelVersion');
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
    world.settle();
    expect([world.condition('Ready'), world.condition('Complete'), world.condition('Reconciling')]).toEqual([
      'True',
      'True',
      undefined,
    ]);
  });

  test('takes the next number when somebody else took the stored one', () => {
    const world = runningWorld();
    world.endPods(succeeded);
    world.round();
    const spec: ObservedVersion['spec'] = {
      modelName: 'digits',
      number: 1,
      bundle: { uri: 'pvc://models/digits/x', digest: digest('e'), format: 'TFJSLayers' },
      lineage: { trainingJob: { name: 'other', uid: 'bbbb' } },
    };
    world.addVersion({ metadata: { name: 'digits-1', uid: 'v', creationTimestamp: '' }, spec });
    world.settle();
    expect(world.status).toMatchObject({ modelVersion: 'digits-2' });
    expect(world.observed.versions.at(-1)?.spec.lineage).toMatchObject({ parent: 'digits-1' });
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

describe('failure', () => {
  test('of user code is final, and says why with the remedy', () => {
    const world = runningWorld();
    world.endPods({ exitCode: 1, message: 'boom' });
    world.settle();
    expect(world.status.failure).toMatchObject({
      class: 'UserCode',
      message: 'the trainer exited with code 1: boom',
      retryable: false,
    });
    expect(['Ready', 'Stalled', 'Failed', 'Reconciling'].map((type) => world.condition(type))).toEqual([
      'False',
      'True',
      'True',
      undefined,
    ]);
    world.deleteChildren();
    expect(world.round().desired).toEqual([]);
  });

  test('is revived by a new retryToken, with whole budgets and a new number', () => {
    const world = runningWorld({ retry: { outOfMemory: 0 } });
    world.endPods({ exitCode: 13 });
    world.settle();
    world.setSpec({ retryToken: 'b' });
    const revived = world.round();
    expect(revived.events.map(({ reason }) => reason)).toEqual(['RetryRequested', 'AttemptStarted']);
    expect(revived.status).toMatchObject({ attempt: 2, retryToken: 'b' });
    expect(revived.status.failure).toBeUndefined();
    world.settle();
    expect(world.created).toEqual([1, 2]);
  });

  test('of a hang that the supervisor does not end is found by its idle time', () => {
    const world = runningWorld({ deadlines: { progressSeconds: 10 } });
    const report = {
      attempt: 1,
      stage: 'Fitting' as const,
      step: 1,
      totalSteps: 10,
      epoch: 0,
      totalEpochs: 2,
      idleSeconds: 41,
      metrics: [],
    };
    world.observed = { ...world.observed, reading: { podUid: 'pod-1', report, at: world.now } };
    const plan = world.round();
    expect(plan.status).toMatchObject({ failure: { class: 'Hang', retryable: true } });
    expect(plan.desired).toEqual([]);
  });

  test('comes when all attempts together ran for activeSeconds', () => {
    const world = runningWorld({ deadlines: { activeSeconds: 100 } });
    world.pass(60);
    world.endPods({ exitCode: 137, reason: 'Error', startedAt: '2026-01-05T10:00:00Z' });
    world.settle();
    expect(world.status.activeSeconds).toBe(60);
    world.pass(15);
    world.settle();
    world.startPod();
    expect(world.round().wakeAfterSeconds).toBe(40);
    world.pass(40);
    world.settle();
    expect(world.status.failure).toMatchObject({ class: 'Deadline' });
    expect(world.condition('Failed')).toBe('True');
  });

  test('comes when a pod waits for longer than pendingSeconds', () => {
    const world = new World({ deadlines: { pendingSeconds: 30 } });
    world.settle();
    expect(world.round().wakeAfterSeconds).toBe(30);
    world.pass(30);
    world.settle();
    expect(world.status.failure).toMatchObject({ class: 'Deadline' });
    expect(world.observed.jobs).toEqual([]);
  });

  test('does not come because the operator was away', () => {
    const world = new World({ deadlines: { pendingSeconds: 30 } });
    world.round();
    world.pass(3600);
    world.settle();
    expect(world.created).toEqual([1]);
    expect(world.condition('Failed')).toBeUndefined();
  });
});

describe('wrong input', () => {
  test('is Stalled, looked at again slowly, and healed by a good look', () => {
    const world = runningWorld();
    world.endPods(badData);
    world.settle();
    expect([world.condition('Stalled'), world.condition('Failed'), world.condition('Reconciling')]).toEqual([
      'True',
      undefined,
      undefined,
    ]);
    world.pass(40);
    world.settle();
    expect(world.created).toEqual([1, 2]);
    expect(world.condition('Stalled')).toBe('True');
    world.startPod();
    world.endPods(succeeded);
    world.settle();
    expect(world.condition('Stalled')).toBeUndefined();
    expect(world.condition('Complete')).toBe('True');
  });

  test('becomes Failed after pendingSeconds', () => {
    const world = runningWorld({ deadlines: { pendingSeconds: 20 } });
    world.endPods(badData);
    world.settle();
    world.pass(20);
    world.settle();
    expect(world.status.failure).toMatchObject({ class: 'Data', retryable: false, message: 'no column label' });
    expect(world.condition('Failed')).toBe('True');
  });

  test('is looked at again at once with a new retryToken', () => {
    const world = runningWorld();
    world.endPods(badData);
    world.settle();
    world.setSpec({ retryToken: 'fixed' });
    world.settle();
    expect(world.created).toEqual([1, 2]);
  });

  test('such as a missing claim makes no Job, and heals when the claim appears', () => {
    const world = new World();
    world.setStorage(false);
    world.settle();
    expect(world.created).toEqual([]);
    expect(world.status.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({ reason: 'StorageMissing' });
    world.pass(1700);
    world.setStorage(true);
    world.settle();
    expect(world.created).toEqual([1]);
    expect(world.status.inputErrorSince).toBeUndefined();
    world.pass(200);
    world.settle();
    expect(world.condition('Failed')).toBeUndefined();
  });

  test('such as a claim that never appears ends the job', () => {
    const world = new World();
    world.setStorage(false);
    world.settle();
    world.pass(1800);
    world.settle();
    expect(world.status.failure).toMatchObject({ class: 'Deadline' });
  });
});

describe('suspend', () => {
  test('stops the pod, is True only when it is gone, and resumes with a new number', () => {
    const world = runningWorld();
    const { pods } = world.observed;
    world.setSpec({ suspend: true });
    const stopping = world.round();
    expect(stopping.desired).toEqual([]);
    expect([world.condition('Suspended'), world.condition('Ready'), world.condition('Running')]).toEqual([
      'False',
      'Unknown',
      'True',
    ]);
    world.observed = { ...world.observed, pods };
    world.pass(5);
    world.endPods({ exitCode: 20 });
    world.settle();
    expect([world.condition('Suspended'), world.condition('Running')]).toEqual(['True', 'False']);
    world.setSpec({ suspend: false });
    world.settle();
    expect(world.created).toEqual([1, 2]);
    expect(world.status).toMatchObject({ attempt: 2, activeSeconds: 5 });
    expect(world.status.retries).toBeUndefined();
  });

  test('before the first attempt makes nothing', () => {
    const world = new World({ suspend: true });
    world.settle();
    expect(world.created).toEqual([]);
    expect(world.condition('Suspended')).toBe('True');
    world.setSpec({ suspend: false });
    world.settle();
    expect(world.created).toEqual([1]);
  });

  test('does not lose a result that is already there', () => {
    const world = runningWorld();
    world.endPods(succeeded);
    world.setSpec({ suspend: true });
    world.settle();
    expect(world.condition('Complete')).toBe('True');
  });
});

type Act = (world: World) => void;
const acts: Readonly<Record<string, Act>> = {
  start: (world) => world.startPod(),
  succeed: (world) => world.endPods(succeeded),
  drain: (world) => world.endPods({ exitCode: 20 }),
  crash: (world) => world.endPods({ exitCode: 1, message: 'boom' }),
  refuse: (world) => world.endPods(badData),
  runOut: (world) => world.endPods({ exitCode: 137, reason: 'OOMKilled' }),
  kill: (world) => world.endPods({ exitCode: 137 }),
  vanish: (world) => world.removeStopping(),
  deletePods: (world) => world.deletePods(),
  deleteChildren: (world) => world.deleteChildren(),
  suspend: (world) => world.setSpec({ suspend: true }),
  resume: (world) => world.setSpec({ suspend: false }),
  retry: (world) => world.setSpec({ retryToken: `token-${world.now}` }),
  loseStorage: (world) => world.setStorage(false),
  giveStorage: (world) => world.setStorage(true),
  aMoment: (world) => world.pass(1),
  aWhile: (world) => world.pass(60),
  anHour: (world) => world.pass(3600),
};
const story = fc.array(fc.constantFrom(...Object.keys(acts)), { maxLength: 25 });

/** Plays a story; `look` is called after every single round. */
function play(names: readonly string[], look: (world: World, act: string) => void): World {
  const world = new World({ retry: { userCode: 1 } });
  world.podsLinger = true;
  for (const name of names) {
    acts[name]?.(world);
    for (let round = 0; round < 4; round += 1) {
      world.round();
      look(world, name);
    }
  }
  return world;
}

describe('in every story', () => {
  test('nothing is created after a terminal status, unless a retryToken revives it', () => {
    fc.assert(
      fc.property(story, (names) => {
        let ended: { created: number; type: string } | undefined;
        play(names, (world, act) => {
          const type = ['Complete', 'Failed'].find((name) => world.condition(name) === 'True');
          if (ended !== undefined && !(act === 'retry' && ended.type === 'Failed'))
            expect([world.created.length, type]).toEqual([ended.created, ended.type]);
          ended = type === undefined ? undefined : { created: world.created.length, type };
        });
      }),
    );
  });

  test('attempts count up, and no number has two Jobs', () => {
    fc.assert(
      fc.property(story, (names) => {
        let last = 0;
        play(names, ({ status }) => {
          expect(status.attempt ?? 0).toBeGreaterThanOrEqual(last);
          last = status.attempt ?? 0;
        });
      }),
    );
  });

  test('at most one pod is alive', () => {
    fc.assert(
      fc.property(story, (names) => {
        play(names, ({ observed }) => {
          const alive = observed.pods.filter(
            ({ status }) => status?.phase === 'Running' || status?.phase === 'Pending',
          );
          expect(alive.length).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  test('the world comes to rest at every moment, and the same world gives the same plan', () => {
    fc.assert(
      fc.property(story, (names) => {
        const world = play(names, () => {});
        world.settle();
        const again = () => planTrainingJob(world.observed, world.now, settings);
        expect(again()).toEqual(again());
        expect(again().status).toEqual(world.status);
        expect(again().events).toEqual([]);
      }),
    );
  });

  test('the status fits its schema, and each condition speaks a reason that the table allows there', () => {
    const table: Readonly<Record<string, ReasonText>> = reasons.TrainingJob;
    fc.assert(
      fc.property(story, (names) => {
        play(names, ({ status }) => {
          expect(trainingJobStatusSchema.safeParse(status).error).toBeUndefined();
          for (const { type, reason } of status.conditions ?? []) {
            expect([type, reason, table[reason]?.on]).toEqual([type, reason, expect.arrayContaining([type])]);
          }
        });
      }),
    );
  });

  test('Ready is always there, and the job never is both Stalled and Reconciling', () => {
    fc.assert(
      fc.property(story, (names) => {
        play(names, (world) => {
          expect(world.condition('Ready')).toBeDefined();
          expect([world.condition('Stalled'), world.condition('Reconciling')]).not.toEqual(['True', 'True']);
        });
      }),
    );
  });
});

const moment = fc.constantFrom('2026-01-05T09:00:00Z', '2026-01-05T10:00:00Z', '2026-01-05T12:00:00Z', undefined);
const anyEnd = fc.record({
  exitCode: fc.constantFrom(0, 1, 10, 13, 14, 20, 127, 137, 143),
  reason: fc.constantFrom('Completed', 'Error', 'OOMKilled', undefined),
  message: fc.constantFrom('', '{', 'null', '[]', '{"success":null}', succeeded.message, badData.message, undefined),
  startedAt: moment,
  finishedAt: moment,
});
const anyPodStatus = fc.record(
  {
    phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'),
    reason: fc.constantFrom('Evicted', 'NodeLost'),
    conditions: fc.array(
      fc.record({
        type: fc.constantFrom('PodScheduled', 'DisruptionTarget'),
        status: fc.constantFrom('True', 'False'),
      }),
    ),
    containerStatuses: fc.array(
      fc.record({
        name: fc.constantFrom('trainer', 'sidecar'),
        state: fc.oneof(
          fc.record({ terminated: anyEnd }),
          fc.record({ running: fc.record({ startedAt: moment }) }),
          fc.record({ waiting: fc.record({ reason: fc.constantFrom('ErrImagePull', 'InvalidImageName', undefined) }) }),
          fc.constant({}),
        ),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const anyStatus = fc.record(
  {
    observedGeneration: fc.constant(1),
    attempt: fc.constantFrom(1, 2),
    attemptStartedAt: moment,
    nextAttemptAt: moment,
    inputErrorSince: moment,
    modelVersion: fc.constantFrom('digits-1', undefined),
    conditions: fc.array(
      fc
        .record({
          type: fc.constantFrom('Ready', 'Running', 'Suspended', 'Complete', 'Failed', 'Stalled'),
          status: fc.constantFrom('True' as const, 'False' as const),
        })
        .map((one) => ({
          ...one,
          reason: 'R',
          message: '',
          observedGeneration: 1,
          lastTransitionTime: '2026-01-05T10:00:00Z',
        })),
    ),
  },
  { requiredKeys: ['observedGeneration'] },
);

describe('whatever is observed', () => {
  test('there is a plan, its status fits the schema, and a terminal job desires no new Job', () => {
    fc.assert(
      fc.property(
        fc.option(anyStatus, { nil: undefined }),
        fc.array(fc.tuple(fc.constantFrom(1, 2, 3), anyPodStatus), { maxLength: 3 }),
        fc.array(fc.constantFrom(1, 2, 3), { maxLength: 2 }),
        fc.boolean(),
        (status, pods, jobs, suspend) => {
          const observed = observe({
            trainingJob: trainingJob({ suspend }, status),
            pods: pods.map(([attempt, podStatus]) => pod(attempt, podStatus)),
            jobs: jobs.map((attempt) => job(attempt)),
          });
          const plan = planTrainingJob(observed, start, settings);
          expect(trainingJobStatusSchema.safeParse(plan.status).error).toBeUndefined();
          expect(plan.status.attempt ?? 0).toBeGreaterThanOrEqual(status?.attempt ?? 0);
          const isTerminal = status?.conditions?.some(
            ({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'),
          );
          if (isTerminal) expect(plan.desired.filter(({ lifetime }) => lifetime === 'CreateOnce')).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
