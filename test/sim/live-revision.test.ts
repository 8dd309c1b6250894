// What the pods of the live revision have to do with a rollout: while they are away nothing can be compared with them, and
// what is not known is no pass.
import { describe, expect, test } from '@jest/globals';
import { conditionOf, errors, latency, probe, rejectionOf, rollout, trying, until, weightOf } from './trials.ts';
import type { World } from './world.ts';

const liveOf = (world: World) => world.status?.stable?.revision ?? '';
const verdictOf = (world: World, name: string) => world.status?.gates?.find((gate) => gate.name === name);

function ticks(world: World, seconds: number, holds: () => boolean): boolean {
  for (let second = 0; second < seconds && !holds(); second += 1) world.tick();
  return holds();
}

/** What becomes of the steps, without a candidate that stands in. */
const waiting = { ...rollout, whenLiveIsDown: 'Wait' };

/** So little that no number of samples shows it. */
const strictErrors = { ...errors, max: undefined, maxRegression: 0.0001 };
const strictLatency = { ...latency, maxRegressionPercent: 0.0001, maxRegressionAbsolute: undefined };
const isProbed = (world: World) => (world.status?.rollout?.candidateSamples ?? 0) > 200;

describe('a live revision without pods', () => {
  test.each([
    ['errors', strictErrors],
    ['errors', { ...strictErrors, max: 0.1 }],
    ['latency', strictLatency],
    ['latency', { ...strictLatency, max: 100 }],
  ])('for seconds buys no step: gate %s stays undecided (%#)', (name, gate) => {
    const world = trying({}, { gates: [gate] });
    until(world, () => weightOf(world) === 10 && isProbed(world));
    world.cluster.breakPods(liveOf(world));
    world.settle(20);
    expect(conditionOf(world, 'Progressing')?.message).toContain('no pod of the live revision is ready');
    world.cluster.mendPods(liveOf(world));
    world.settle(20);
    expect(weightOf(world)).toBe(10);
    expect(verdictOf(world, name)).toMatchObject({ verdict: 'Inconclusive' });
  });

  test.each([
    ['the live revision', { errors: 0 }],
    ['both', { errors: 0 }],
  ])('is no evidence: what %s failed meanwhile is in no step', (who, none) => {
    const world = trying({}, { gates: [strictErrors] });
    until(world, () => weightOf(world) === 10 && isProbed(world));
    const broken = who === 'both' ? [liveOf(world), world.status?.candidate?.revision ?? ''] : [liveOf(world)];
    for (const revision of broken) world.cluster.breakPods(revision);
    world.settle(20);
    for (const revision of broken) world.cluster.mendPods(revision);
    world.settle(20);
    expect(world.status?.evidence?.steps).toMatchObject([{ name: 'probe', candidate: none, stable: none }]);
    expect(rejectionOf(world, 'digits-2')).toBeUndefined();
  });

  test('is away until every gateway pod finds it: what they fail for it before that is in no step', () => {
    const world = trying({}, { gates: [strictErrors] });
    world.gateways.dnsSeconds = 5;
    until(world, () => weightOf(world) === 10 && isProbed(world));
    for (let seconds = 12; seconds < 17; seconds += 1) {
      world.cluster.breakPods(liveOf(world));
      world.settle(seconds);
      world.cluster.mendPods(liveOf(world));
      world.settle(12);
    }
    expect(world.status?.evidence?.steps).toMatchObject([{ name: 'probe', stable: { errors: 0 } }]);
    expect(weightOf(world)).toBe(10);
  });

  test('for seconds is waited for, also when some of its pods were missing for long', () => {
    const world = trying({}, { gates: [strictErrors] });
    until(world, () => weightOf(world) === 10 && isProbed(world));
    world.cluster.limitPods(liveOf(world), 1);
    world.settle(60);
    world.cluster.breakPods(liveOf(world));
    world.settle(3);
    world.cluster.mendPods(liveOf(world));
    world.settle(5);
    expect(world.status?.evidence?.steps.map(({ name, share }) => [name, share])).toEqual([['probe', 0.1]]);
  });

  test('again and again makes no step longer, and no more steps', () => {
    const steps = [{ ...probe, maxSeconds: 280 }];
    const world = trying({}, { rollout: { ...waiting, steps }, gates: [{ ...strictErrors, max: undefined }] });
    until(world, () => weightOf(world) === 10 && world.status?.rollout?.startedAt !== undefined);
    const begun = world.status?.rollout?.startedAt;
    for (let cycle = 0; cycle < 4; cycle += 1) {
      world.cluster.breakPods(liveOf(world));
      world.settle(50);
      expect(world.status?.rollout?.startedAt).toBe(begun);
      world.cluster.mendPods(liveOf(world));
      world.settle(20);
      expect(world.status?.rollout?.startedAt).toBe(begun);
    }
    expect(conditionOf(world, 'Ready')?.reason).toBe('Held');
    expect(world.status?.evidence?.steps.map(({ name, share }) => [name, share])).toEqual([
      ['probe', 1],
      ['probe', 0.1],
    ]);
  });

  test('for good is compared with by what it last showed: a good candidate takes its place', () => {
    const world = trying({}, { gates: [{ ...errors, max: undefined }, latency] });
    until(world, () => weightOf(world) === 50 && world.status?.rollout?.startedAt !== undefined);
    world.cluster.breakPods(liveOf(world));
    world.settle(25);
    expect(weightOf(world)).toBe(50);
    expect(ticks(world, 100, () => world.status?.stable?.version === 'digits-2')).toBe(true);
  });

  test.each([
    ['latency', { bucket: 20 }],
    ['errors', { failsEvery: 5 }],
  ])('for good is compared with by what it last showed: gate %s refuses a worse candidate', (gate, quality) => {
    const world = trying({}, { gates: [{ ...errors, max: undefined }, latency] });
    until(world, () => weightOf(world) === 50 && world.status?.rollout?.startedAt !== undefined);
    world.cluster.breakPods(liveOf(world));
    world.cluster.behave(2, quality);
    expect(ticks(world, 100, () => rejectionOf(world, 'digits-2') !== undefined)).toBe(true);
    expect(rejectionOf(world, 'digits-2')?.gate).toBe(gate);
  });

  test.each([
    ['Hold', undefined],
    ['Rollback', 'digits-1'],
    ['Promote', 'digits-2'],
  ] as const)('for good, before it showed enough, leaves gates undecided: %s decides', (onInconclusive, stable) => {
    const steps = [{ ...probe, maxSeconds: 60 }];
    const world = trying({}, { rollout: { ...waiting, steps, onInconclusive }, gates: [latency] });
    world.gateways.requestsPerSecond = 10;
    until(world, () => weightOf(world) === 10 && world.status?.rollout?.startedAt !== undefined);
    world.cluster.breakPods(liveOf(world));
    world.gateways.requestsPerSecond = 100;
    if (stable !== undefined) {
      expect(ticks(world, 200, () => world.status?.candidate === undefined)).toBe(true);
      expect(world.status?.stable?.version).toBe(stable);
      return;
    }
    expect(ticks(world, 120, () => conditionOf(world, 'Ready')?.reason === 'Held')).toBe(true);
    world.cluster.mendPods(liveOf(world));
    expect(ticks(world, 100, () => world.status?.stable?.version === 'digits-2')).toBe(true);
  });

  test('is what the candidate stands beside in the bake, by what it last showed', () => {
    const world = trying({}, { rollout: { ...rollout, bakeSeconds: 60 }, gates: [latency] });
    until(world, () => weightOf(world) === 100 && world.status?.rollout?.startedAt !== undefined);
    world.cluster.breakPods(liveOf(world));
    world.cluster.behave(2, { bucket: 20 });
    expect(ticks(world, 30, () => rejectionOf(world, 'digits-2') !== undefined)).toBe(true);
    expect(rejectionOf(world, 'digits-2')?.gate).toBe('latency');
  });
});
