// A live revision dies in the middle of a rollout: its repair answers in its place, is not promoted by that, and gives the
// requests back.
import { describe, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import fc from 'fast-check';
import { accuracy, conditionOf, errors, probe, rejectionOf, rollout, trying, until } from './trials.ts';
import type { World } from './world.ts';

/** Needs the live revision, and so many samples that it stays undecided. */
const undecided = { ...errors, max: undefined, maxRegression: 1e-6 };
const long = { ...rollout, steps: [{ ...probe, maxSeconds: 3600 }] };

const liveOf = (world: World) => world.status?.stable?.revision ?? '';
const shareOf = (world: World, number: number) =>
  world.status?.traffic?.find(({ version }) => version === `digits-${number}`)?.wantedPercent ?? 0;
const standsIn = (world: World) => world.status?.rollout?.standIn?.since !== undefined;
const entryBeside = (world: World) => world.status?.evidence?.steps.find(({ share }) => share === 0.1);

/** Version 2 is in its first step, and has answered. */
function stepping(changes: object = {}): World {
  const world = trying({}, { rollout: long, gates: [undecided], ...changes });
  until(world, () => (world.status?.rollout?.candidateSamples ?? 0) > 200);
  return world;
}

/** Seconds that pass before the condition holds. */
function secondsUntil(world: World, holds: () => boolean, limit = 200): number {
  for (let second = 0; second < limit; second += 1) {
    if (holds()) return second;
    world.tick();
  }
  return Number.POSITIVE_INFINITY;
}

function standingIn(changes: object = {}): World {
  const world = stepping(changes);
  world.cluster.breakPods(liveOf(world));
  expect(secondsUntil(world, () => shareOf(world, 2) === 100)).toBeLessThan(40);
  world.settle(3);
  return world;
}

describe('a candidate in a step whose live revision loses all its pods', () => {
  test('gets all requests after 30 s, is not promoted, says so, and gives them back a minute after that one is back', () => {
    const world = stepping();
    world.cluster.breakPods(liveOf(world));
    const seconds = secondsUntil(world, () => standsIn(world));
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(seconds).toBeLessThan(35);
    world.settle(300);
    const served = world.gateways.served.get(liveOf(world));
    const evidence = entryBeside(world);
    world.settle(60);
    expect(world.gateways.served.get(liveOf(world))).toBe(served);
    expect(world.status).toMatchObject({
      stable: { version: 'digits-1' },
      candidate: { version: 'digits-2' },
      rollout: { step: 'probe', weightPercent: 100, standIn: { stepPercent: 10, times: 1 } },
    });
    for (const [type, status] of [
      ['Available', 'True'],
      ['Ready', 'Unknown'],
    ] as const) {
      expect(conditionOf(world, type)).toMatchObject({ status, reason: 'CandidateStandsIn' });
      expect(conditionOf(world, type)?.message).toContain('digits-2 answers for digits-1');
    }
    expect(conditionOf(world, 'Stalled')).toBeUndefined();
    expect(world.status?.scale?.selector).toContain(world.status?.candidate?.revision);
    world.cluster.mendPods(liveOf(world));
    const back = secondsUntil(world, () => shareOf(world, 2) === 10);
    expect(back).toBeGreaterThanOrEqual(60);
    expect(back).toBeLessThan(66);
    expect(entryBeside(world)).toEqual(evidence);
    world.settle(20);
    expect(conditionOf(world, 'Ready')).toMatchObject({ status: 'True', reason: 'StableServes' });
    expect(entryBeside(world)?.candidate.requests).toBeGreaterThan(evidence?.candidate.requests ?? 0);
    expect(world.status?.rollout).toMatchObject({ step: 'probe', weightPercent: 10 });
  });

  test('waits where the spec says so', () => {
    const world = stepping({ rollout: { ...long, whenLiveIsDown: 'Wait' } });
    world.cluster.breakPods(liveOf(world));
    world.settle(120);
    expect(shareOf(world, 2)).toBe(10);
  });

  test('stands in also where only a person could decide its step', () => {
    const world = standingIn({ rollout: { ...long, steps: [{ ...probe, maxSeconds: 20 }] } });
    expect(conditionOf(world, 'Progressing')?.reason).toBe('Held');
    expect(conditionOf(world, 'Ready')?.reason).toBe('CandidateStandsIn');
  });

  test('goes on proving itself by what the live revision last showed, and is promoted by its gates alone', () => {
    const world = standingIn({ rollout, gates: [{ ...errors, max: undefined }] });
    until(world, () => world.status?.stable?.version === 'digits-2');
    expect(world.status?.gates?.find(({ name }) => name === 'errors')?.verdict).toBe('Pass');
  });

  test('keeps the requests while the live revision comes and goes, and each time asks twice as much of it', () => {
    const world = standingIn();
    for (let cycle = 0; cycle < 5; cycle += 1) {
      world.cluster.mendPods(liveOf(world));
      world.settle(45);
      world.cluster.breakPods(liveOf(world));
      world.settle(20);
      expect(shareOf(world, 2)).toBe(100);
    }
    world.cluster.mendPods(liveOf(world));
    expect(secondsUntil(world, () => !standsIn(world))).toBeLessThan(66);
    world.settle(10);
    world.cluster.breakPods(liveOf(world));
    expect(secondsUntil(world, () => shareOf(world, 2) === 100)).toBeLessThan(40);
    world.cluster.mendPods(liveOf(world));
    expect(secondsUntil(world, () => !standsIn(world))).toBeGreaterThanOrEqual(118);
  });

  const own = { gates: [{ name: 'own', traffic: { metric: 'errorRate' }, max: 0.02 }] };
  test.each<[string, string, object, (world: World) => void]>([
    ['paused', 'rollout.paused', {}, (world) => world.cluster.change({ rollout: { ...long, paused: true } })],
    ['beyond a threshold of its own', 'it misses gate own', own, () => {}],
    [
      ...(['without a ready pod', 'none of its pods is ready', {}] as const),
      (world) => world.cluster.breakPods(world.status?.candidate?.revision ?? ''),
    ],
  ])('does not stand in while it is %s, and says why', (_what, why, changes, disturb) => {
    const world = trying({ failsEvery: changes === own ? 20 : 0 }, { rollout: long, gates: [undecided], ...changes });
    world.gateways.requestsPerSecond = 10;
    until(world, () => (world.status?.rollout?.candidateSamples ?? 0) > 44);
    disturb(world);
    world.cluster.breakPods(liveOf(world));
    world.settle(40);
    expect(shareOf(world, 2)).toBe(10);
    expect(conditionOf(world, 'Progressing')?.message).toContain(why);
  });

  test('does not stand in before it has answered anything', () => {
    const world = trying({}, { rollout: long, gates: [undecided] });
    world.gateways.requestsPerSecond = 0;
    until(world, () => world.status?.rollout?.startedAt !== undefined);
    world.cluster.breakPods(liveOf(world));
    world.settle(60);
    expect(shareOf(world, 2)).toBe(10);
    expect(conditionOf(world, 'Progressing')?.message).toContain('has answered no request meanwhile');
    world.gateways.requestsPerSecond = 100;
    expect(secondsUntil(world, () => shareOf(world, 2) === 100)).toBeLessThan(15);
  });

  test('is not taken for without a live revision because gateway pods are silent', () => {
    const world = stepping();
    for (let second = 0; second < 120; second += 1) world.operatorTurn({ seconds: 1, answers: () => false });
    expect(world.status?.rollout?.standIn).toBeUndefined();
  });

  test('stands in by the time that is kept, whoever looks', () => {
    const world = stepping();
    world.cluster.breakPods(liveOf(world));
    const seconds = secondsUntil(world, () => {
      world.operator.restart();
      return standsIn(world);
    });
    expect(seconds).toBeGreaterThanOrEqual(30);
    expect(seconds).toBeLessThan(35);
    world.cluster.mendPods(liveOf(world));
    expect(
      secondsUntil(world, () => {
        world.operator.restart();
        return !standsIn(world);
      }),
    ).toBeLessThan(66);
  });

  test('is refused when it fails, answers on because nobody else can, and a newer one takes its place', () => {
    const world = standingIn();
    world.cluster.behave(2, { failsEvery: 1 });
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
    world.settle(5);
    expect(shareOf(world, 2)).toBe(100);
    expect(conditionOf(world, 'Available')).toMatchObject({ status: 'False', reason: 'NothingServes' });
    expect(conditionOf(world, 'Available')?.message).toContain('only digits-2, which was refused, answers');
    world.cluster.publish(3);
    until(world, () => shareOf(world, 3) === 100);
    expect(world.status).toMatchObject({ stable: { version: 'digits-1' }, candidate: { version: 'digits-3' } });
    world.settle(40);
    expect(conditionOf(world, 'Ready')?.reason).toBe('CandidateStandsIn');
    expect(world.cluster.revisionsThatRun).toHaveLength(2);
  });

  test('gives way to a newer one only when that one has answered: the requests never go to nobody', () => {
    const world = standingIn();
    world.cluster.publish(3);
    const seen = new Set<string>();
    until(world, () => {
      const shares = [1, 2, 3].map((number) => shareOf(world, number));
      seen.add(shares.join(' '));
      if (shares[2] === 0) expect(conditionOf(world, 'Available')?.status).toBe('True');
      return shares[2] === 100;
    });
    expect([...seen]).toEqual(['0 100 0', '0 90 10', '0 0 100']);
    expect(rejectionOf(world, 'digits-2')).toBeUndefined();
    world.cluster.mendPods(liveOf(world));
    expect(secondsUntil(world, () => shareOf(world, 3) === 10)).toBeLessThan(70);
    world.settle(60);
    expect(world.cluster.revisionsThatRun).toHaveLength(2);
  });
});

describe('a repair that is published when the live revision is gone', () => {
  /** Version 2 is published, and version 1 has no pods. */
  function repaired(quality: object): World {
    const world = trying(quality, { rollout: long, gates: [accuracy, undecided] });
    world.cluster.breakPods(liveOf(world));
    until(world, () => shareOf(world, 2) === 100);
    return world;
  }

  test('is evaluated by itself and stands in, and is evaluated again beside the live revision before it is tried', () => {
    const world = repaired({});
    world.settle(300);
    expect(world.status).toMatchObject({ stable: { version: 'digits-1' }, rollout: { weightPercent: 100 } });
    world.cluster.mendPods(liveOf(world));
    expect(secondsUntil(world, () => shareOf(world, 2) === 0)).toBeLessThan(66);
    until(world, () => shareOf(world, 2) === 10);
    const said = world.status?.gates?.find(({ name }) => name === 'accuracy');
    expect(said).toMatchObject({ verdict: 'Pass', baseline: 0.97 });
  });

  test('is refused when the live revision is back and was better', () => {
    const world = repaired({ right: 925 });
    world.cluster.mendPods(liveOf(world));
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
    expect(rejectionOf(world, 'digits-2')?.gate).toBe('accuracy');
    world.settle(60);
    expect(world.cluster.revisionsThatRun).toEqual([liveOf(world)]);
  });

  test('is not promoted by gates that could not compare it', () => {
    const own = { name: 'own', traffic: { metric: 'errorRate' }, max: 0.1 };
    const world = trying({}, { rollout, gates: [accuracy, own] });
    world.cluster.breakPods(liveOf(world));
    until(world, () => world.status?.rollout?.step === 'bake');
    world.settle(60);
    expect(world.status).toMatchObject({ stable: { version: 'digits-1' }, rollout: { step: 'bake' } });
    expect(conditionOf(world, 'Progressing')?.message).toContain('gate accuracy has not compared it');
    world.cluster.mendPods(liveOf(world));
    until(world, () => world.status?.stable?.version === 'digits-2');
  });
});

/** What may happen to such a namespace. */
const happenings: Record<string, (world: World) => void> = {
  break: (world) => world.cluster.breakPods(liveOf(world)),
  'break the candidate': (world) => world.cluster.breakPods(world.status?.candidate?.revision ?? 'none'),
  mend: (world) => world.cluster.mendAllPods(),
  'fail 2': (world) => world.cluster.behave(2, { failsEvery: 1 }),
  'publish 3': (world) => world.cluster.publish(3),
  'fail 3': (world) => world.cluster.behave(3, { failsEvery: 2 }),
  pause: (world) => world.cluster.change({ rollout: { ...rollout, paused: true } }),
  'go on': (world) => world.cluster.change({ rollout }),
  restart: (world) => world.operator.restart(),
  'replace a gateway pod': (world) => world.gateways.replace(0),
  wait: () => {},
};

const isAllowed = (world: World, status: ModelDeploymentStatus, before: ModelDeploymentStatus | undefined): void => {
  const { candidate, rollout: trial, rejected = [] } = status;
  const begins = trial?.standIn?.since !== undefined && before?.rollout?.standIn?.since === undefined;
  if (begins) {
    expect(world.cluster.readyPods(status.stable?.revision ?? '')).toBe(0);
    expect(rejected.map(({ revision }) => revision)).not.toContain(candidate?.revision);
    expect(['Stepping', 'Baking']).toContain(before?.rollout?.phase);
    expect(world.gateways.served.get(candidate?.revision ?? '')).toBeGreaterThan(0);
  }
  const isPromoted = before?.stable !== undefined && status.stable?.revision !== before.stable.revision;
  if (isPromoted) expect(before.rollout?.step).toBe('bake');
};

test('whatever happens, nobody stands in who may not, nobody is promoted by that, and in the end all is as it should be', () => {
  const events = fc.array(fc.tuple(fc.constantFrom(...Object.keys(happenings)), fc.integer({ min: 1, max: 50 })), {
    ...{ minLength: 4, maxLength: 10, size: 'max' as const },
  });
  fc.assert(
    fc.property(events, (history) => {
      const world = stepping({ rollout, gates: [{ ...errors, max: undefined }] });
      world.cluster.onStatus = (status, before) => isAllowed(world, status, before);
      for (const [name, seconds] of history) {
        happenings[name]?.(world);
        world.settle(seconds);
      }
      world.cluster.mendAllPods();
      world.cluster.change({ rollout });
      for (const version of [2, 3]) world.cluster.behave(version, {});
      expect(secondsUntil(world, () => world.status?.candidate === undefined, 2000)).toBeLessThan(2000);
      world.settle(60);
      expect(world.status?.traffic).toMatchObject([{ revision: liveOf(world), verifiedPercent: 100 }]);
      expect(conditionOf(world, 'Ready')?.status).toBe('True');
    }),
    { numRuns: 12 },
  );
}, 300_000);
