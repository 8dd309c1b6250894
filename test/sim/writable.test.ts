// However often people change their minds, the status can be written: the simulated apiserver refuses what the schema does.
import { describe, expect, test } from '@jest/globals';
import { maxShares } from '@sluice/crds/v1alpha1/model-deployment.ts';
import fc from 'fast-check';
import { ofRollouts, racing, type Step, said } from './schedule.ts';
import { conditionOf, errors, until } from './trials.ts';
import { World } from './world.ts';

/** A version serves whose requests may take ten minutes: so long everything that loses its share is kept. */
function slowWorld(): World {
  const world = new World();
  world.cluster.changeServer({ requestTimeoutSeconds: 600 });
  world.cluster.publish(1);
  world.settle(30);
  expect(world.status?.stable?.version).toBe('digits-1');
  return world;
}

const newRevisions = fc.oneof(
  said('server changed', fc.integer({ min: 1, max: 16 }), (world, workers) => world.cluster.changeServer({ workers })),
  said('next version published', fc.constant(''), (world) =>
    world.cluster.publish(world.cluster.stored().versions.length + 1),
  ),
);
const others = fc.oneof(
  said('scaled', fc.integer({ min: 1, max: 3 }), (world, replicas) => world.cluster.changeServer({ replicas })),
  said('pinned', fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }), (world, number) =>
    world.cluster.pin(number),
  ),
  ...ofRollouts,
);

/** Something that people change, and the seconds until the next. */
const change = fc
  .tuple(
    fc.oneof({ weight: 6, arbitrary: newRevisions }, { weight: 1, arbitrary: others }),
    fc.integer({ min: 0, max: 15 }),
  )
  .map(
    ([{ say, take }, seconds]): Step => ({
      say: `${say}, then ${seconds} s`,
      take(world) {
        take(world);
        world.settle(seconds);
      },
    }),
  );
const step = fc.oneof({ weight: 4, arbitrary: change }, { weight: 1, arbitrary: fc.oneof(...racing) });

describe('a ModelDeployment whose old revisions drain for ten minutes', () => {
  test.each([false, true])('takes the next version when there is room for its share (rollout: %s)', (hasRollout) => {
    const world = slowWorld();
    const steps = [{ name: 'probe', weightPercent: 10, minCandidateSamples: 10, maxSeconds: 60 }];
    if (hasRollout) world.cluster.change({ rollout: { steps, bakeSeconds: 1 }, gates: [errors] });
    const last = maxShares + 2;
    for (let number = 2; number <= last; number += 1) {
      world.cluster.publish(number);
      world.settle(15);
    }
    expect(world.status?.traffic).toHaveLength(maxShares);
    expect(world.status).toMatchObject({ candidate: { version: `digits-${last}` } });
    expect(conditionOf(world, 'Reconciling')).toMatchObject({
      reason: 'DrainingOld',
      message: `digits-${last} waits until one of ${maxShares} revisions has finished its requests`,
    });
    expect(world.status?.rollout?.weightPercent ?? 0).toBe(0);
    until(world, () => world.status?.stable?.version === `digits-${last}`, 700);
  });

  test('takes a candidate back at once, also when there is no room', () => {
    const world = slowWorld();
    for (let number = 2; number <= maxShares; number += 1) {
      world.cluster.publish(number);
      world.settle(15);
    }
    expect(world.status?.traffic).toHaveLength(maxShares);
    world.cluster.pin(1);
    expect(until(world, () => world.status?.stable?.version === 'digits-1')).toBeLessThan(15);
  });

  test('has a status that can be written, under any schedule', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 50 }), (steps) => {
        const world = slowWorld();
        for (const each of steps) each.take(world);
        world.settle(5);
        expect(world.status?.traffic?.length).toBeLessThanOrEqual(maxShares);
        expect(world.status?.observedGeneration).toBe(world.cluster.generation);
      }),
      { numRuns: 30 },
    );
  });
});
