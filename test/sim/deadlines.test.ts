// Every phase of a rollout ends, and only time in which it may go on brings its end nearer.
import { describe, expect, test } from '@jest/globals';
import { conditionOf, errors, probe, rejectionOf, rollout, trying, until, weightOf } from './trials.ts';
import type { World } from './world.ts';

const undecided = { ...errors, max: undefined, maxRegression: 0.0001 };
const steps = [{ ...probe, maxSeconds: 60 }];
const impatient = { ...rollout, steps, onInconclusive: 'Rollback' };
const isInStep = (world: World) => weightOf(world) === 10 && world.status?.rollout?.clock !== undefined;
const candidateOf = (world: World) => world.status?.candidate?.revision ?? '';

/** A version none of whose pods becomes ready is tried. */
function neverReady(changes: object = {}): World {
  const world = trying({}, { rollout: { ...rollout, warmUpSeconds: 100, ...changes } });
  until(world, () => world.status?.candidate !== undefined);
  world.cluster.breakPods(candidateOf(world));
  return world;
}

describe('a candidate that never becomes ready', () => {
  test('is refused when its pods have run for rollout.warmUpSeconds, and stays refused', () => {
    const world = neverReady();
    const seconds = until(world, () => rejectionOf(world, 'digits-2') !== undefined);
    expect(seconds).toBeGreaterThanOrEqual(98);
    expect(seconds).toBeLessThan(110);
    expect(rejectionOf(world, 'digits-2')).toMatchObject({
      gate: 'warm-up',
      message: expect.stringMatching(/^Its pods are not ready after 100 s: .*A new rollout.retryToken tries again\.$/),
    });
    world.settle(60);
    expect(world.status).toMatchObject({ stable: { version: 'digits-1' } });
    expect(world.status?.candidate).toBeUndefined();
    expect(conditionOf(world, 'CandidateRejected')?.message).toContain('digits-2 was refused');
  });

  test('is tried once more with a new retryToken', () => {
    const world = neverReady();
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
    world.settle(30);
    world.cluster.mendAllPods();
    world.cluster.change({ rollout: { ...rollout, retryToken: 'again' } });
    until(world, () => world.status?.stable?.version === 'digits-2');
  });

  test('is waited for while the rollout is paused', () => {
    const world = neverReady();
    world.cluster.change({ rollout: { ...rollout, warmUpSeconds: 100, paused: true } });
    world.settle(300);
    expect(rejectionOf(world, 'digits-2')).toBeUndefined();
    world.cluster.change({ rollout: { ...rollout, warmUpSeconds: 100 } });
    expect(until(world, () => rejectionOf(world, 'digits-2') !== undefined)).toBeGreaterThanOrEqual(98);
  });

  test('costs two writes a minute while it is waited for', () => {
    const world = neverReady({ warmUpSeconds: 600 });
    world.settle(20);
    const before = world.writes.ofStatus;
    world.settle(300);
    expect(world.writes.ofStatus - before).toBeLessThanOrEqual(11);
  });
});

describe('maxSeconds of a step', () => {
  const inStep = () => {
    const world = trying({}, { rollout: impatient, gates: [undecided] });
    until(world, () => isInStep(world));
    world.settle(20);
    return world;
  };

  test('ends it', () => {
    const world = inStep();
    expect(until(world, () => rejectionOf(world, 'digits-2') !== undefined)).toBeLessThan(45);
  });

  test.each<[string, (world: World) => void]>([
    [
      'a pause',
      (world) => {
        world.cluster.change({ rollout: { ...impatient, paused: true } });
        world.settle(300);
        world.cluster.change({ rollout: impatient });
      },
    ],
    [
      'a time without an operator',
      (world) => {
        world.pass(3600);
        world.operator.restart();
      },
    ],
    [
      'a time without ready pods of either revision',
      (world) => {
        const revisions = [candidateOf(world), world.status?.stable?.revision ?? ''];
        for (const revision of revisions) world.cluster.breakPods(revision);
        world.settle(300);
        for (const revision of revisions) world.cluster.mendPods(revision);
      },
    ],
  ])('is not used up by %s', (_what, happens) => {
    const world = inStep();
    happens(world);
    world.settle(15);
    expect(rejectionOf(world, 'digits-2')).toBeUndefined();
    expect(weightOf(world)).toBe(10);
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
  });
});

test('the bake goes on for the rest of its time after a pause', () => {
  const baking = { ...rollout, bakeSeconds: 40 };
  const world = trying({}, { rollout: baking, gates: [errors] });
  until(world, () => weightOf(world) === 100 && world.status?.rollout?.clock !== undefined);
  world.settle(5);
  world.cluster.change({ rollout: { ...baking, paused: true } });
  world.settle(120);
  world.cluster.change({ rollout: baking });
  expect(until(world, () => world.status?.stable?.version === 'digits-2')).toBeGreaterThanOrEqual(25);
});
