// While one gateway pod does not take a weight, the others give it already: what they see takes a candidate back, and is
// evidence of no step.
import { describe, expect, test } from '@jest/globals';
import { pollTypes } from './envoy.ts';
import type { Quality } from './quality.ts';
import { latency, rejectionOf, rollout, trying, until, weightOf } from './trials.ts';
import type { World } from './world.ts';

const shareOf = (world: World) => world.status?.traffic?.find(({ version }) => version === 'digits-2');
const stepOf = (world: World, name: string) => world.status?.evidence?.steps.find((step) => step.name === name);

/** Seconds in which only the first gateway pod takes what is new; the other one answers clients by what it has. */
function half(world: World, seconds: number, holds: () => boolean): boolean {
  for (let second = 0; second < seconds && !holds(); second += 1) {
    world.operatorTurn({ seconds: 1, answers: () => true });
    for (const type of pollTypes) world.gateways.poll(0, type);
  }
  return holds();
}

const never = () => false;

/** The weight is asked for, and no gateway pod gives it yet. */
function asked(weight: number): World {
  const world = trying({}, { gates: [latency] });
  for (let second = 0; second < 100 && shareOf(world)?.wantedPercent !== weight; second += 1) {
    world.gateways.pollAll();
    world.operatorTurn({ seconds: 1, answers: () => true });
  }
  return world;
}

/** Only one of two gateway pods gives it. */
function moving(weight: number): World {
  const world = asked(weight);
  half(world, 5, never);
  expect(shareOf(world)).toMatchObject({ wantedPercent: weight });
  expect(shareOf(world)?.verifiedPercent).not.toBe(weight);
  return world;
}

test('a weight that is taken at once causes no write while it is on its way, and the time of its step begins when it is in force', () => {
  const world = asked(50);
  const { ofStatus } = world.writes;
  for (let look = 0; look < 5; look += 1) world.operatorTurn({ seconds: 0.3, answers: () => true });
  expect(world.writes.ofStatus).toBe(ofStatus);
  expect(world.status?.rollout?.clock).toBeUndefined();
  until(world, () => world.status?.rollout?.startedAt !== undefined, 3);
  expect(world.status?.rollout?.clock?.usedSeconds).toBe(0);
});

describe('while one gateway pod does not take the weight', () => {
  test.each<[number, string, Partial<Quality>]>([
    [10, 'fails always', { failsEvery: 1 }],
    [50, 'fails always', { failsEvery: 1 }],
    [50, 'answers with NaN now and then', { nonFiniteEvery: 5 }],
    [100, 'fails always', { failsEvery: 1 }],
  ])('the guardrail takes a candidate back that on its way to %i %% %s', (weight, _what, quality) => {
    const world = moving(weight);
    half(world, 120, never);
    world.cluster.behave(2, quality);
    expect(half(world, 15, () => rejectionOf(world, 'digits-2') !== undefined)).toBe(true);
    expect(rejectionOf(world, 'digits-2')?.gate).toBe('guardrail');
    expect(shareOf(world)?.wantedPercent).toBe(0);
    world.settle(60);
    expect(world.cluster.revisionsThatRun).toEqual([world.status?.stable?.revision]);
  });

  test('the guardrail looks on also where a pause keeps a weight that the spec has no step of any more', () => {
    const world = trying({}, { gates: [latency] });
    until(world, () => weightOf(world) === 10 && world.status?.rollout?.startedAt !== undefined);
    const [, last] = rollout.steps;
    world.cluster.change({ rollout: { ...rollout, steps: [last], paused: true } });
    world.settle(30);
    expect(weightOf(world)).toBe(10);
    world.cluster.behave(2, { failsEvery: 1 });
    until(world, () => rejectionOf(world, 'digits-2')?.gate === 'guardrail', 15);
  });

  test('the time of the weight on its way is none in which live pods were away', () => {
    const world = moving(50);
    half(world, 60, never);
    world.cluster.breakPods(world.status?.stable?.revision ?? '');
    const isWithout = () => stepOf(world, 'half')?.share === 1 && !stepOf(world, 'half')?.guardrailOnly;
    world.settle(25);
    expect(isWithout()).toBe(false);
    world.settle(15);
    expect(isWithout()).toBe(true);
  });

  test('what is counted belongs to no step, and the step begins when the weight is in force', () => {
    const world = moving(50);
    const probed = stepOf(world, 'probe');
    half(world, 60, never);
    expect(stepOf(world, 'probe')).toEqual(probed);
    expect(world.status?.rollout).toMatchObject({ step: 'half', candidateSamples: 0 });
    expect(world.status?.rollout?.startedAt).toBeUndefined();
    until(world, () => world.status?.rollout?.startedAt !== undefined, 5);
    expect(
      world.status?.evidence?.steps.map(({ name, share, guardrailOnly = false }) => [name, share, guardrailOnly]),
    ).toEqual([
      ['probe', 0.1, false],
      ['half', 0.5, false],
    ]);
    expect(stepOf(world, 'half')?.candidate.requests).toBe(0);
    until(world, () => world.status?.stable?.version === 'digits-2');
  });
});
