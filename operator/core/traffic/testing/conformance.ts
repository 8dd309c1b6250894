// Runs the laws of the traffic port on an implementation: each by itself, and that nothing is in force but what every gateway
// gives, whatever happens in whatever order.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { areInForce } from '../shares.ts';
import { laws, type TrafficWorld, type Wanted } from './laws.ts';

type Step = (world: TrafficWorld) => void;

const gateway = fc.nat({ max: 3 });
const percent = fc.constantFrom(0, 5, 50, 100);
const wanted: fc.Arbitrary<Wanted> = percent.map((candidate) => ({ live: 100 - candidate, candidate }));

/** Anything that may happen; most of it to gateways that are there. */
const step: fc.Arbitrary<Step> = fc.oneof(
  wanted.map(
    (shares): Step =>
      (world) =>
        world.want(shares),
  ),
  gateway.map(
    (number): Step =>
      (world) =>
        world.take(number),
  ),
  gateway.map(
    (number): Step =>
      (world) =>
        world.read(number),
  ),
  gateway.map(
    (number): Step =>
      (world) =>
        world.open(number),
  ),
  gateway.map(
    (number): Step =>
      (world) =>
        world.retire(number),
  ),
  gateway.map(
    (number): Step =>
      (world) =>
        world.remove(number),
  ),
  gateway.map(
    (number): Step =>
      (world) =>
        world.restart(number),
  ),
  fc.constant<Step>((world) => void world.add()),
  fc.nat({ max: 20 }).map(
    (seconds): Step =>
      (world) =>
        world.pass(seconds),
  ),
);

const inForce = (world: TrafficWorld, shares: Wanted) =>
  areInForce(
    Object.entries(shares).map(([revision, wantedPercent]) => ({ revision, wantedPercent })),
    world.answers(),
  );

/** @param make begins a world anew. */
export function describeTrafficPort(name: string, make: () => TrafficWorld): void {
  describe(`the traffic port of ${name}`, () => {
    test.each(laws)('$law', ({ holds }) => holds(make()));

    test('has nothing in force but what every gateway that clients reach gives', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), wanted, (steps, last) => {
          const world = make();
          for (const happen of steps) {
            happen(world);
            const { asked, isTaken } = world.answers();
            if (!isTaken) continue;
            const shares = Object.fromEntries((asked ?? []).map(({ revision, percent: share }) => [revision, share]));
            for (const number of [0, 1, 2, 3, 4, 5]) expect([undefined, shares]).toContainEqual(world.given(number));
          }
          const fresh = world.add();
          world.open(fresh);
          world.want(last);
          for (let number = 0; number <= fresh; number += 1) {
            world.take(number);
            world.read(number);
          }
          expect(inForce(world, last)).toBe(true);
        }),
        { numRuns: 300 },
      );
    });
  });
}
