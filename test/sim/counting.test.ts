// The evidence of a rollout holds every request once, though it is written now and then, and whoever ends in between.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { conditionOf, errors, probe, rollout, trying, until } from './trials.ts';
import type { World } from './world.ts';

/** A step that goes on however much is seen. */
const patient = { ...probe, minCandidateSamples: 1_000_000, maxSeconds: 100_000 };

/** The candidate has its share, and its requests are counted. */
function counting(): World {
  const world = trying({}, { rollout: { ...rollout, steps: [patient] }, gates: [errors] });
  until(world, () => (world.status?.evidence?.steps.at(-1)?.candidate.requests ?? 0) > 0);
  return world;
}

type Sides = { readonly candidate: number; readonly stable: number };

const minus = (one: Sides, other: Sides): Sides => ({
  candidate: one.candidate - other.candidate,
  stable: one.stable - other.stable,
});

/** Requests that were answered and are not in the evidence; as of the next moment at which it is written. */
function uncounted(world: World): Sides {
  until(world, () => world.status?.evidence?.marks.at(-1)?.at === world.operator.now);
  const { candidate, stable, evidence } = world.status ?? {};
  const step = evidence?.steps.at(-1);
  const served = (revision = '') => world.gateways.served.get(revision) ?? 0;
  return minus(
    { candidate: served(candidate?.revision), stable: served(stable?.revision) },
    { candidate: step?.candidate.requests ?? 0, stable: step?.stable.requests ?? 0 },
  );
}

const seconds = (world: World, count: number) => {
  for (let look = 0; look < 2 * count; look += 1) world.operatorTurn({ seconds: 0.5, answers: () => true });
};

/** Gateway pods that are new start, and are read before they get a request. */
function startAndRead(world: World): void {
  world.gateways.pollAll();
  world.operatorTurn({ seconds: 0, answers: () => true });
}

describe('the requests of a step', () => {
  test('are counted once, whenever the operator dies', () => {
    const lives = fc.array(fc.option(fc.nat({ max: 3 }), { nil: 'restart' as const }), { minLength: 5, maxLength: 40 });
    fc.assert(
      fc.property(lives, (each) => {
        const world = counting();
        const before = uncounted(world);
        for (const life of each) {
          world.gateways.serve(50);
          if (life === 'restart') world.operator.restart();
          for (let at = 0; at < world.gateways.count; at += 1) world.operator.read(at);
          world.operator.watch('deployment');
          world.operator.reconcileDeployment(life === 'restart' ? undefined : life);
          world.pass(0.5);
        }
        expect(minus(uncounted(world), before)).toEqual({ candidate: 0, stable: 0 });
      }),
      { numRuns: 15 },
    );
  });

  test('are counted once, whatever the clocks of the operators say that follow each other', () => {
    const clocks = fc.array(fc.constantFrom(-3600, -31, 0, 31, 3600), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(clocks, (each) => {
        const world = counting();
        const before = uncounted(world);
        for (const ahead of each) {
          world.operator.restart(ahead * 1000);
          seconds(world, 3);
        }
        expect(minus(uncounted(world), before)).toEqual({ candidate: 0, stable: 0 });
      }),
      { numRuns: 10 },
    );
  });

  test('are counted from the first on that is read of a gateway whose process began again', () => {
    const world = counting();
    const before = uncounted(world);
    world.gateways.at(0)?.restart(world.clock.now);
    seconds(world, 3);
    expect(minus(uncounted(world), before)).toEqual({ candidate: 0, stable: 0 });
  });

  test('are counted until the last that a gateway pod answers which was told to end', () => {
    const world = counting();
    const before = uncounted(world);
    world.gateways.retire(0);
    startAndRead(world);
    seconds(world, 3);
    world.gateways.removeRetired();
    expect(minus(uncounted(world), before)).toEqual({ candidate: 0, stable: 0 });
  });

  test('are missed until its first reading, of both revisions alike, when a gateway pod is new', () => {
    const world = counting();
    const before = uncounted(world);
    world.gateways.retire(0);
    world.gateways.pollAll();
    seconds(world, 3);
    expect(minus(uncounted(world), before)).toEqual({ candidate: 5, stable: 45 });
  });

  test('are missed for five seconds at most, of both revisions alike, when a gateway pod ends without notice', () => {
    const world = counting();
    const before = uncounted(world);
    seconds(world, 4.5);
    world.gateways.replace(0);
    expect(minus(uncounted(world), before)).toEqual({ candidate: 45, stable: 405 });
  });
});

describe('the status of a rollout', () => {
  /** The last is how often the time that is used is noted in a minute without requests. */
  test.each<[string, object, string, number]>([
    ['steps', {}, 'StableServes', 2],
    ['is paused', { paused: true }, 'Paused', 0],
    ['is held', { steps: [{ ...patient, maxSeconds: 5 }] }, 'Held', 0],
  ])('is written about every five seconds while it %s, read twice a second', (_what, changes, reason, notes) => {
    const world = counting();
    world.cluster.change({ rollout: { ...rollout, steps: [patient], ...changes } });
    world.settle(30);
    expect(conditionOf(world, 'Ready')?.reason).toBe(reason);
    const minute = (requestsPerSecond: number) => {
      world.gateways.requestsPerSecond = requestsPerSecond;
      const before = world.writes.ofStatus;
      seconds(world, 60);
      return world.writes.ofStatus - before;
    };
    expect(minute(100)).toBe(12);
    minute(0);
    expect(minute(0)).toBe(notes);
  });
});
