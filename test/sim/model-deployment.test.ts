// No schedule of late caches, slow Envoys, restarts and changes of mind loses a request, and every one ends where it should.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rollout, type Step, step } from './schedule.ts';
import { errors } from './trials.ts';
import { World } from './world.ts';

/** Takes the steps; what would lose a request is told with the step after which it would. */
function lost(world: World, steps: readonly Step[]): string[] {
  return steps.flatMap((each) => {
    each.take(world);
    return world.gateways.lostRequests().map((problem) => `after "${each.say}": ${problem}`);
  });
}

function servingWorld(): World {
  const world = new World();
  world.cluster.publish(1);
  world.settle(60);
  return world;
}

describe('a ModelDeployment under any schedule', () => {
  test('serves the first version without help', () => {
    const world = servingWorld();
    expect(world.status?.stable?.version).toBe('digits-1');
    expect(world.status?.conditions).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True', reason: 'Serving' })]),
    );
  });

  test('sends no request to a backend that is not known or has no pod', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), (steps) => {
        const world = servingWorld();
        world.cluster.publish(2);
        expect(lost(world, steps)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test.each([false, true])(
    'ends with the wanted version alone, and then writes nothing more (rollout: %s)',
    (hasRollout) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
          const world = servingWorld();
          lost(world, steps);
          world.cluster.mendAllPods();
          world.cluster.pin(undefined);
          const paused = false;
          if (hasRollout)
            world.cluster.change({ rollout: { ...rollout, onInconclusive: 'Promote', paused }, gates: [errors] });
          else world.cluster.change({ rollout: undefined, gates: undefined });
          world.cluster.publish(5);
          world.settle(240);
          const { status } = world;
          const writes = world.writes.count;
          expect(status).toMatchObject({ stable: { version: 'digits-5' }, traffic: [{ verifiedPercent: 100 }] });
          expect(status?.candidate).toBeUndefined();
          expect(world.cluster.revisionsThatRun).toEqual([status?.stable?.revision]);
          world.settle(60);
          expect(world.writes.count).toBe(writes);
        }),
        { numRuns: 100 },
      );
    },
  );
});
