// Where nobody asks a candidate anything, the beginning of a short step is told with its end: fewer statuses, the same steps.
import { describe, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import fc from 'fast-check';
import { trying, until } from './trials.ts';
import type { World } from './world.ts';

const pause = 5;
const step = (name: string, weightPercent: number, minSeconds = pause) => ({ name, weightPercent, minSeconds });
const rollout = { steps: [step('first', 20), step('second', 50)], bakeSeconds: 0 };

/** What a status asks for and knows of the candidate, and when it was written. */
type Word = { readonly at: number; readonly wanted: number; readonly known: number | undefined };

/** A rollout that nobody watches by asking. */
function unasked(changes: object = {}, requestsPerSecond = 0): { world: World; words: Word[] } {
  const world = trying({}, { rollout: { ...rollout, ...changes }, gates: undefined });
  world.gateways.requestsPerSecond = requestsPerSecond;
  const words: Word[] = [];
  world.cluster.onStatus = ({ traffic }: ModelDeploymentStatus) => {
    const share = traffic?.find(({ version }) => version === 'digits-2');
    if (share) words.push({ at: world.clock.now, wanted: share.wantedPercent, known: share.verifiedPercent });
  };
  return { world, words };
}

const isPromoted = (world: World) => () => world.status?.stable?.version === 'digits-2';

/** Seconds from when a weight was asked for until the next one was. */
function pausesOf(words: readonly Word[]): number[] {
  const asked = [20, 50, 100].map((weight) => words.find(({ wanted }) => wanted === weight)?.at ?? Number.NaN);
  return [1, 2].map((index) => ((asked[index] ?? 0) - (asked[index - 1] ?? 0)) / 1000);
}

describe('a step of a candidate that nobody asks', () => {
  test('is one status: that it is asked for; what is known of it comes with the next', () => {
    const { world, words } = unasked();
    until(world, isPromoted(world));
    expect(words.map(({ wanted, known }) => [wanted, known])).toEqual([
      [0, undefined],
      [20, undefined],
      [50, undefined],
      [100, undefined],
      [100, 100],
    ]);
  });

  test('lasts from when its weight is in force', () => {
    const { world, words } = unasked();
    until(world, isPromoted(world));
    for (const seconds of pausesOf(words)) expect(seconds).toBeGreaterThan(pause);
  });

  test('is told at once when it lasts for longer', () => {
    const { world, words } = unasked({ steps: [step('first', 20, 6), step('second', 50)] });
    until(world, isPromoted(world));
    expect(words.map(({ wanted, known }) => [wanted, known])).toContainEqual([20, 20]);
  });

  test('is told at once when somebody asks', () => {
    const { world, words } = unasked({}, 100);
    until(world, isPromoted(world));
    expect(words.map(({ wanted, known }) => [wanted, known])).toContainEqual([20, 20]);
  });

  test('is told when it is not left although it is due', () => {
    const { world } = unasked({ steps: [{ ...step('first', 20), minCandidateSamples: 1 }] });
    until(world, () => world.status?.rollout?.startedAt !== undefined, 60);
    expect(world.status?.rollout).toMatchObject({ step: 'first', weightPercent: 20 });
  });

  test('costs its seconds anew, and nothing else, when the operator ends in them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }), (lives) => {
        const { world, words } = unasked();
        for (const seconds of lives) {
          world.settle(seconds);
          world.operator.restart();
        }
        until(world, isPromoted(world));
        for (const seconds of pausesOf(words)) expect(seconds).toBeGreaterThan(pause);
      }),
      { numRuns: 30 },
    );
  });
});
