// What holds in every life of a TrainingJob, however it goes.
import { describe, expect, test } from '@jest/globals';
import { type ReasonText, reasons } from '@sluice/crds/reasons.ts';
import { trainingJobStatusSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import fc from 'fast-check';
import { toldAfterSeconds } from './passing.ts';
import { planTrainingJob } from './plan.ts';
import { badData, succeeded } from './testing/endings.ts';
import { job, observe, pod, settings, start, trainingJob } from './testing/samples.ts';
import { World } from './testing/world.ts';

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
function play(names: readonly string[], look: (world: World, act: string) => void, isCrowded = false): World {
  const world = new World({ retry: { userCode: 1 } });
  world.podsLinger = true;
  world.isCrowded = isCrowded;
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

  test('at most one pod is alive, in a crowd too', () => {
    fc.assert(
      fc.property(story, fc.boolean(), (names, isCrowded) => {
        const look = ({ observed }: World) => {
          const alive = observed.pods.filter(
            ({ status }) => status?.phase === 'Running' || status?.phase === 'Pending',
          );
          expect(alive.length).toBeLessThanOrEqual(1);
        };
        play(names, look, isCrowded);
      }),
    );
  });

  test('nothing depends on whether a status that can wait was written, unless somebody deletes Job or pod before', () => {
    const end = ({ created, status }: World) => {
      const { attempt, modelVersion, failure, retries } = status;
      const said = status.conditions?.map((each) => `${each.type}=${each.status}/${each.reason}`);
      return { created, attempt, modelVersion, failure, retries, said };
    };
    fc.assert(
      fc.property(story, (names) => {
        const quiet = names.filter((name) => !name.startsWith('delete'));
        const [told, crowded] = [play(quiet, () => {}), play(quiet, () => {}, true)];
        const ends = [told, crowded].map((world) => {
          world.isCrowded = false;
          world.settle();
          world.pass(toldAfterSeconds.preparing);
          world.settle();
          return end(world);
        });
        expect(ends[1]).toEqual(ends[0]);
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
