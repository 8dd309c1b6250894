// Whole rollouts in a simulated namespace, by the real planners: each ends where it should, whatever happens on the way.
import { describe, expect, test } from '@jest/globals';
import { pollTypes } from './envoy.ts';
import type { Quality } from './quality.ts';
import { conditionOf, errors, gates, latency, probe, rejectionOf, rollout, trying, until, weightOf } from './trials.ts';
import { World } from './world.ts';

describe('a rollout', () => {
  test('promotes a good candidate step by step, and keeps the old revision warm for the bake', () => {
    const world = trying({});
    const weights = new Set<number>();
    const phases = new Set<string>();
    until(world, () => {
      weights.add(weightOf(world) ?? -1);
      phases.add(world.status?.rollout?.phase ?? '');
      if (world.status?.rollout?.phase === 'Baking') expect(world.cluster.revisionsThatRun).toHaveLength(2);
      return world.status?.stable?.version === 'digits-2';
    });
    expect([...weights].filter((weight) => weight >= 0)).toEqual([0, 10, 50, 100]);
    expect([...phases].filter((phase) => phase !== '')).toEqual(['WarmingUp', 'Evaluating', 'Stepping', 'Baking']);
    expect(world.status?.gates?.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'guardrail Pass',
      'accuracy Pass',
      'errors Pass',
      'latency Pass',
    ]);
    world.settle(60);
    expect(world.cluster.revisionsThatRun).toEqual([world.status?.stable?.revision]);
    expect(world.status?.rejected).toBeUndefined();
  });

  test.each<[string, Partial<Quality>, string, number]>([
    ['is wrong too often, before any request', { right: 700 }, 'accuracy', 0],
    ['fails too often', { failsEvery: 4 }, 'errors', 10],
    ['fails always', { failsEvery: 1 }, 'guardrail', 10],
    ['answers with NaN now and then', { nonFiniteEvery: 20 }, 'guardrail', 10],
    ['is too slow', { bucket: 20 }, 'latency', 10],
    ['crashes again and again', { crashes: true }, 'guardrail', 10],
  ])('takes back a candidate that %s', (_what, quality, gate, largest) => {
    const world = trying(quality);
    let weight = 0;
    until(world, () => {
      weight = Math.max(weight, weightOf(world) ?? 0);
      return (world.status?.rejected ?? []).length > 0;
    });
    expect(weight).toBe(largest);
    expect(world.status).toMatchObject({ stable: { version: 'digits-1' }, rejected: [{ version: 'digits-2', gate }] });
    expect(world.status?.traffic?.find(({ version }) => version === 'digits-2')?.wantedPercent ?? 0).toBe(0);
    expect(conditionOf(world, 'CandidateRejected')).toMatchObject({ status: 'True', reason: 'GateFailed' });
    world.settle(60);
    expect(world.cluster.revisionsThatRun).toEqual([world.status?.stable?.revision]);
    expect(conditionOf(world, 'Ready')).toMatchObject({ status: 'True', reason: 'Serving' });
  });

  test('says of a candidate that is too busy what helps, counts its answers only, and neither refuses nor promotes it', () => {
    const world = trying({ refusesEvery: 3 }, { rollout: { ...rollout, steps: [{ ...probe, maxSeconds: 30 }] } });
    until(world, () => conditionOf(world, 'Ready')?.reason === 'Held');
    const { gates: said = [], evidence, rollout: trial } = world.status ?? {};
    for (const name of ['errors', 'latency']) {
      const gate = said.find((each) => each.name === name);
      expect(gate).toMatchObject({
        verdict: 'Inconclusive',
        message: expect.stringMatching(/429.* Raise server.replicas/),
      });
      expect(gate?.overloaded).toBe(evidence?.steps.at(-1)?.candidate.overloaded);
    }
    const { requests = 0, overloaded = 0 } = evidence?.steps.at(-1)?.candidate ?? {};
    expect(overloaded / requests).toBeCloseTo(1 / 3, 1);
    expect(trial?.candidateSamples).toBe(requests - overloaded);
  });

  test.each([
    ['Hold', undefined],
    ['Rollback', 'digits-1'],
    ['Promote', 'digits-2'],
  ] as const)('%s decides when a gate stays undecided', (onInconclusive, stable) => {
    const strict = { ...errors, max: undefined, maxRegression: 0.0001 };
    const world = trying(
      {},
      { rollout: { ...rollout, onInconclusive, steps: [{ ...probe, maxSeconds: 10 }] }, gates: [strict] },
    );
    if (stable === undefined) {
      until(world, () => conditionOf(world, 'Ready')?.reason === 'Held');
      expect(conditionOf(world, 'Ready')?.status).toBe('Unknown');
      world.settle(60);
      expect(weightOf(world)).toBe(10);
      return;
    }
    until(world, () => world.status?.candidate !== undefined);
    until(world, () => world.status?.candidate === undefined);
    expect(world.status?.stable?.version).toBe(stable);
  });

  test('stays where it is while paused, is still taken back by a failure, and goes on afterwards', () => {
    const world = trying({});
    until(world, () => weightOf(world) === 10);
    world.cluster.change({ rollout: { ...rollout, paused: true } });
    world.settle(60);
    expect(weightOf(world)).toBe(10);
    expect(conditionOf(world, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'Paused' });
    world.cluster.change({ rollout });
    until(world, () => weightOf(world) === 50);
    world.cluster.change({ rollout: { ...rollout, paused: true } });
    world.cluster.behave(2, { failsEvery: 1 });
    until(world, () => rejectionOf(world, 'digits-2')?.gate === 'guardrail');
  });

  test('gives way to a newer version at once, its requests going back first', () => {
    const world = trying({});
    until(world, () => weightOf(world) === 50);
    const old = world.status?.candidate?.revision;
    world.cluster.publish(3);
    world.tick();
    expect(world.status).toMatchObject({ stable: { version: 'digits-1' }, candidate: { version: 'digits-3' } });
    expect(world.status?.traffic?.find(({ revision }) => revision === old)?.wantedPercent).toBe(0);
    until(world, () => world.status?.stable?.version === 'digits-3');
    expect(world.status?.rejected).toBeUndefined();
  });

  test('takes a candidate back, not refused, when its version is deleted', () => {
    const world = trying({});
    until(world, () => weightOf(world) === 50);
    world.cluster.removeVersion(2);
    world.settle(60);
    expect(world.status).toMatchObject({ stable: { version: 'digits-1' }, traffic: [{ verifiedPercent: 100 }] });
    expect(world.status?.rejected).toBeUndefined();
  });

  test('judges the first version by values only, and serves it', () => {
    const world = new World();
    world.cluster.change({ rollout, gates });
    world.cluster.publish(1);
    world.settle(30);
    expect(world.status?.stable?.version).toBe('digits-1');
    expect(world.status?.gates).toEqual([expect.objectContaining({ name: 'accuracy', verdict: 'Pass' })]);
    const bad = new World();
    bad.cluster.change({ rollout, gates });
    bad.cluster.behave(1, { right: 500 });
    bad.cluster.publish(1);
    bad.settle(30);
    expect(bad.status).toMatchObject({ rejected: [{ version: 'digits-1', gate: 'accuracy' }] });
    expect([...bad.gateways.served.values()].filter((requests) => requests > 0)).toEqual([]);
  });

  test('brings a revision that was stable lately back without steps', () => {
    const world = trying({});
    until(world, () => world.status?.stable?.version === 'digits-2');
    world.settle(60);
    world.cluster.pin(1);
    const seconds = until(world, () => world.status?.stable?.version === 'digits-1');
    expect(seconds).toBeLessThan(15);
    world.cluster.pin(2);
    expect(until(world, () => world.status?.stable?.version === 'digits-2')).toBeLessThan(15);
  });

  test('goes on, beside what it last showed, when the live revision loses all its pods', () => {
    const world = trying({}, { gates: [errors, { ...latency, max: 100 }] });
    until(world, () => weightOf(world) === 50);
    world.cluster.breakPods(world.status?.stable?.revision ?? '');
    for (let second = 0; second < 200 && world.status?.stable?.version !== 'digits-2'; second += 1) world.tick();
    expect(world.status?.stable?.version).toBe('digits-2');
  });

  test('waits while both revisions lose their pods, and goes on when they are back', () => {
    const world = trying({});
    until(world, () => weightOf(world) === 50);
    const revisions = [world.status?.stable, world.status?.candidate].map((each) => each?.revision ?? '');
    for (const revision of revisions) world.cluster.breakPods(revision);
    world.settle(120);
    expect(weightOf(world)).toBe(50);
    expect(world.status?.gates?.[0]).toMatchObject({ name: 'guardrail', verdict: 'Inconclusive' });
    expect(conditionOf(world, 'Progressing')?.message).toContain('0 of 2 pods are ready (live: 0 of 2)');
    for (const revision of revisions) world.cluster.mendPods(revision);
    until(world, () => world.status?.stable?.version === 'digits-2');
    expect(world.status?.rejected).toBeUndefined();
  });

  test('refuses a candidate whose pods stay away after those of the live revision are back', () => {
    const world = trying({});
    until(world, () => weightOf(world) === 50);
    const [live = '', tried = ''] = [world.status?.stable, world.status?.candidate].map((each) => each?.revision);
    for (const revision of [live, tried]) world.cluster.breakPods(revision);
    world.settle(120);
    world.cluster.mendPods(live);
    for (let second = 0; second < 60 && rejectionOf(world, 'digits-2') === undefined; second += 1) world.tick();
    expect(rejectionOf(world, 'digits-2')?.gate).toBe('guardrail');
  });

  test('goes on when the node of the candidate begins again, however many of its pods it has', () => {
    const world = trying({});
    world.cluster.changeServer({ replicas: 4 });
    until(world, () => weightOf(world) === 10 && world.status?.rollout?.startedAt !== undefined);
    world.cluster.rebootNode(world.status?.candidate?.revision ?? '', world.clock.now);
    until(world, () => world.status?.stable?.version === 'digits-2');
    expect(world.status?.rejected).toBeUndefined();
  });

  test('leaves requests with a failing candidate while the live revision has no pod', () => {
    const world = trying({});
    until(world, () => weightOf(world) === 100 && world.status?.rollout?.startedAt !== undefined);
    world.cluster.breakPods(world.status?.stable?.revision ?? '');
    world.cluster.behave(2, { failsEvery: 1 });
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
    world.settle(10);
    expect(world.status?.traffic?.find(({ version }) => version === 'digits-2')?.wantedPercent).toBe(100);
    world.cluster.mendPods(world.status?.stable?.revision ?? '');
    until(
      world,
      () =>
        world.status?.traffic?.every(({ version, wantedPercent }) => version === 'digits-1' || wantedPercent === 0) ??
        false,
    );
  });

  test('keeps a refused candidate reachable as long as one gateway pod still sends to it', () => {
    const world = trying({});
    until(world, () => weightOf(world) === 10 && world.status?.rollout?.startedAt !== undefined);
    world.cluster.behave(2, { failsEvery: 1 });
    for (let second = 0; second < 60; second += 1) {
      world.operatorTurn({ seconds: 1, answers: () => true });
      for (const type of pollTypes) world.gateways.poll(0, type);
      world.gateways.poll(1, 'clusters');
      expect(world.gateways.lostRequests()).toEqual([]);
    }
    expect(rejectionOf(world, 'digits-2')?.gate).toBe('guardrail');
    expect(world.cluster.revisionsThatRun).toHaveLength(2);
    world.settle(60);
    expect(world.cluster.revisionsThatRun).toEqual([world.status?.stable?.revision]);
  });

  test('keeps its status small', () => {
    const world = trying({});
    let largest = 0;
    until(world, () => {
      largest = Math.max(largest, JSON.stringify(world.status).length);
      return world.status?.stable?.version === 'digits-2';
    });
    expect(largest).toBeLessThan(65_536);
  });

  /** Asks for ten pods; the live revision keeps its two, and the candidate gets so many. */
  function scaleInVain(world: World, places: number): void {
    const [live = '', tried = ''] = [world.status?.stable, world.status?.candidate].map((each) => each?.revision);
    world.cluster.limitPods(live, 2);
    world.cluster.limitPods(tried, places);
    world.cluster.changeServer({ replicas: 10 });
    world.settle(10);
    world.cluster.behave(2, { failsEvery: 1 });
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
  }
  const allBack = { stable: { version: 'digits-1' }, traffic: [{ version: 'digits-1', verifiedPercent: 100 }] };

  test.each([
    ['neither revision', 2],
    ['only the candidate', 10],
  ])('is taken back while a scale-up brings pods to %s: the live pods bear what they bore', (_who, places) => {
    const world = trying({});
    until(world, () => weightOf(world) === 10 && world.status?.rollout?.startedAt !== undefined);
    world.cluster.change({ rollout: { ...rollout, paused: true } });
    scaleInVain(world, places);
    until(world, () => world.cluster.revisionsThatRun.length === 1);
    expect(world.status).toMatchObject(allBack);
  });

  test('leaves with ten pods what two cannot bear, until so many are not asked for any more', () => {
    const world = trying({}, { rollout: { ...rollout, bakeSeconds: 300 } });
    until(world, () => weightOf(world) === 100 && world.status?.rollout?.startedAt !== undefined);
    scaleInVain(world, 10);
    world.settle(60);
    expect(world.status?.traffic).toMatchObject([{ wantedPercent: 40 }, { wantedPercent: 60 }]);
    expect(conditionOf(world, 'Reconciling')).toMatchObject({
      reason: 'Returning',
      message: expect.stringContaining('lower server.replicas'),
    });
    world.cluster.changeServer({ replicas: 2 });
    until(world, () => world.cluster.revisionsThatRun.length === 1);
    expect(world.status).toMatchObject(allBack);
  });

  test('is not disturbed by scaling, up and down', () => {
    const world = trying({});
    until(world, () => weightOf(world) === 10);
    world.cluster.changeServer({ replicas: 4 });
    until(world, () => weightOf(world) === 50);
    world.cluster.changeServer({ replicas: 1 });
    until(world, () => world.status?.stable?.version === 'digits-2');
    expect(world.status?.rejected).toBeUndefined();
  });
});
