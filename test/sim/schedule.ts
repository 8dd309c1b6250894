// What may happen in a simulated namespace, for schedules that nobody thought of.
import fc from 'fast-check';
import { pollTypes } from './envoy.ts';
import { caches } from './operator.ts';
import { errors } from './trials.ts';
import type { World } from './world.ts';

/** Something that happens in a world, and how it is told. */
export type Step = { readonly say: string; take(world: World): void };

const index = fc.nat({ max: 3 });
const life = fc.option(fc.nat({ max: 4 }), { nil: Number.POSITIVE_INFINITY });
export const said = <Argument>(
  what: string,
  argument: fc.Arbitrary<Argument>,
  take: (world: World, argument: Argument) => void,
): fc.Arbitrary<Step> =>
  argument.map((value) => ({ say: `${what} ${JSON.stringify(value)}`, take: (world) => take(world, value) }));

export const frequent = [
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
export const racing = [
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

export const rare = [
  said('Envoy starts', index, (world, at) => world.gateways.start(at)),
  said('Envoy is replaced', index, (world, at) => world.gateways.replace(at)),
  said("Envoy's process begins again", index, (world, at) => world.gateways.at(at)?.restart(world.clock.now)),
  said('another operator leads, its clock ahead by seconds', fc.integer({ min: -60, max: 60 }), (world, ahead) =>
    world.operator.restart(ahead * 1000),
  ),
  said('version published', fc.integer({ min: 1, max: 4 }), (world, number) => world.cluster.publish(number)),
  said('server changed', fc.integer({ min: 1, max: 2 }), (world, workers) => world.cluster.changeServer({ workers })),
  said('scaled', fc.integer({ min: 1, max: 3 }), (world, replicas) => world.cluster.changeServer({ replicas })),
  said('pinned', fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }), (world, number) =>
    world.cluster.pin(number),
  ),
  said('version removed', fc.integer({ min: 1, max: 4 }), (world, number) => world.cluster.removeVersion(number)),
  said('table lost', fc.constant(''), (world) => world.cluster.loseTable()),
];

/** Whichever revision it is: the live one, the one on trial, or both. */
export const ofPods = [
  said('pods break', fc.integer({ min: 0, max: 2 }), (world, at) => {
    const revision = world.cluster.revisionsThatRun[at];
    if (revision !== undefined) world.cluster.breakPods(revision);
  }),
  said('pods are mended', fc.constant(''), (world) => world.cluster.mendAllPods()),
];

const probe = { name: 'probe', weightPercent: 10, minCandidateSamples: 100, maxSeconds: 60 };
export const rollout = { steps: [probe, { ...probe, name: 'half', weightPercent: 50 }], bakeSeconds: 5 };

export const ofRollouts = [
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
      crashes: fc.constantFrom(false, false, false, true),
    }),
    (world, { number, ...quality }) => world.cluster.behave(number, quality),
  ),
  said('all goes well for long', fc.integer({ min: 5, max: 40 }), (world, seconds) => world.settle(seconds)),
];

export const step = fc.oneof(
  { weight: 2, arbitrary: fc.oneof(...frequent) },
  { weight: 8, arbitrary: fc.oneof(...racing) },
  { weight: 2, arbitrary: fc.oneof(...rare) },
  { weight: 2, arbitrary: fc.oneof(...ofRollouts) },
  { weight: 1, arbitrary: fc.oneof(...ofPods) },
);
