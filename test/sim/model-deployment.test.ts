// No schedule of late caches, slow Envoys, restarts and changes of mind loses a request, and every one ends where it should.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pollTypes } from './envoy.ts';
import { caches } from './operator.ts';
import { World } from './world.ts';

type Step = { readonly say: string; take(world: World): void };

const index = fc.nat({ max: 3 });
const life = fc.option(fc.nat({ max: 4 }), { nil: Number.POSITIVE_INFINITY });
const said = <Argument>(
  what: string,
  argument: fc.Arbitrary<Argument>,
  take: (world: World, argument: Argument) => void,
): fc.Arbitrary<Step> =>
  argument.map((value) => ({ say: `${what} ${JSON.stringify(value)}`, take: (world) => take(world, value) }));

const frequent = [
  said('deployment reconciled, writes before death', life, (world, writes) =>
    world.operator.reconcileDeployment(writes),
  ),
  said('gateway reconciled, writes before death', life, (world, writes) => world.operator.reconcileGateway(writes)),
  said('cache catches up', fc.constantFrom(...caches), (world, cache) => world.operator.watch(cache)),
  said('Envoy polls', fc.tuple(index, fc.constantFrom(...pollTypes)), (world, [at, type]) =>
    world.gateways.poll(at, type),
  ),
  said('Envoy resolves', index, (world, at) => world.gateways.resolve(at)),
  said('Envoy is read', index, (world, at) => world.operator.read(at)),
  said('Deployment controller', index, (world, at) => world.cluster.runWorkload(at)),
  said('seconds pass', fc.nat({ max: 30 }), (world, seconds) => world.pass(seconds)),
  said('all goes well for seconds', fc.nat({ max: 5 }), (world, seconds) => world.settle(seconds)),
];

/** While these follow each other the operator is quick and the Envoys are not. */
const racing = [
  said(
    'the operator is quick',
    fc.record({ seconds: fc.integer({ min: 1, max: 8 }), silent: fc.nat({ max: 3 }) }),
    (world, turn) =>
      world.operatorTurn({ seconds: turn.seconds, answers: (at) => turn.silent >= 2 || at !== turn.silent }),
  ),
  said('Envoy polls', fc.tuple(index, fc.constantFrom(...pollTypes)), (world, [at, type]) =>
    world.gateways.poll(at, type),
  ),
];

const rare = [
  said('Envoy starts', index, (world, at) => world.gateways.start(at)),
  said('Envoy is replaced', index, (world, at) => world.gateways.replace(at)),
  said('version published', fc.integer({ min: 1, max: 4 }), (world, number) => world.cluster.publish(number)),
  said('server changed', fc.integer({ min: 1, max: 2 }), (world, workers) => world.cluster.changeServer({ workers })),
  said('scaled', fc.integer({ min: 1, max: 3 }), (world, replicas) => world.cluster.changeServer({ replicas })),
  said('pinned', fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }), (world, number) =>
    world.cluster.pin(number),
  ),
  said('version removed', fc.integer({ min: 1, max: 4 }), (world, number) => world.cluster.removeVersion(number)),
  said('table lost', fc.constant(''), (world) => world.cluster.loseTable()),
];

const probe = { name: 'probe', weightPercent: 10, minCandidateSamples: 100, maxSeconds: 60 };
const errors = { name: 'errors', traffic: { metric: 'errorRate' }, max: 0.1, maxRegression: 0.05 };
const rollout = { steps: [probe, { ...probe, name: 'half', weightPercent: 50 }], bakeSeconds: 5 };

const ofRollouts = [
  said(
    'rollout changed',
    fc.record({
      onInconclusive: fc.constantFrom('Hold', 'Rollback', 'Promote'),
      paused: fc.boolean(),
      retryToken: fc.constantFrom('', 'a', 'b'),
      rollbackWindow: fc.nat({ max: 2 }),
    }),
    (world, changes) => world.cluster.change({ rollout: { ...rollout, ...changes }, gates: [errors] }),
  ),
  said('rollout removed', fc.constant(''), (world) => world.cluster.change({ rollout: undefined, gates: undefined })),
  said(
    'quality of a version',
    fc.record({
      number: fc.integer({ min: 1, max: 4 }),
      failsEvery: fc.constantFrom(0, 0, 1, 4),
      restarts: fc.constantFrom(0, 0, 0, 3),
    }),
    (world, { number, ...quality }) => world.cluster.behave(number, quality),
  ),
  said('all goes well for long', fc.integer({ min: 5, max: 40 }), (world, seconds) => world.settle(seconds)),
];

const step = fc.oneof(
  { weight: 2, arbitrary: fc.oneof(...frequent) },
  { weight: 8, arbitrary: fc.oneof(...racing) },
  { weight: 2, arbitrary: fc.oneof(...rare) },
  { weight: 2, arbitrary: fc.oneof(...ofRollouts) },
);

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
