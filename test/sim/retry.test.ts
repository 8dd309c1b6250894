// A revision that was refused is not tried again, whatever happens, until somebody gives a new rollout.retryToken.
import { describe, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import fc from 'fast-check';
import { rollout as brief, frequent, ofPods, racing, rare, said } from './schedule.ts';
import { accuracy, conditionOf, errors, gates, rejectionOf, rollout, trying, until } from './trials.ts';
import type { World } from './world.ts';

const tokenOf = (world: World) => world.cluster.spec.rollout?.retryToken;
const wantedOf = (status: ModelDeploymentStatus | undefined, revision: string) =>
  status?.traffic?.find((share) => share.revision === revision)?.wantedPercent ?? 0;

/** Collects, from now on, each time that a refused revision is given another try which nobody asked for. */
function retriesIn(world: World): string[] {
  const tokens = new Map<string, string>();
  const retries: string[] = [];
  const note = (status: ModelDeploymentStatus) => {
    for (const { revision, retryToken } of status.rejected ?? []) tokens.set(revision, retryToken);
    if (status.stable) tokens.delete(status.stable.revision);
  };
  if (world.status) note(world.status);
  world.cluster.onStatus = (status, before) => {
    for (const [revision, token] of tokens) {
      if (![undefined, token].includes(tokenOf(world))) continue;
      const isTried = [status.candidate, status.stable].some((each) => each?.revision === revision);
      const hasMore = wantedOf(status, revision) > wantedOf(before, revision);
      if (isTried || hasMore) retries.push(`${revision}, refused under "${token}"`);
    }
    note(status);
  };
  return retries;
}

const ofManifests = [
  said(
    'the rollout is another, but for its token',
    fc.record({
      onInconclusive: fc.constantFrom('Hold', 'Rollback', 'Promote'),
      paused: fc.boolean(),
      rollbackWindow: fc.nat({ max: 2 }),
    }),
    (world, changes) =>
      world.cluster.change({ rollout: { ...brief, ...changes, retryToken: tokenOf(world) }, gates: [errors] }),
  ),
  said('the rollout is gone', fc.constant(''), (world) => world.cluster.change({ rollout: undefined })),
  said('the same manifest', fc.constant(''), (world) => world.cluster.change({})),
  said('a new retryToken', fc.constant(''), (world) => {
    const { rollout } = world.cluster.spec;
    if (rollout) world.cluster.change({ rollout: { ...rollout, retryToken: `${rollout.retryToken}+` } });
  }),
  said(
    'a version behaves',
    fc.record({ number: fc.integer({ min: 1, max: 4 }), failsEvery: fc.constantFrom(0, 1, 4) }),
    (world, { number, failsEvery }) => world.cluster.behave(number, { failsEvery }),
  ),
  ...ofPods,
  said('the operator restarts', fc.constant(''), (world) => world.operator.restart()),
  said('the refused version is named', fc.boolean(), (world, isNamed) => world.cluster.pin(isNamed ? 2 : undefined)),
  said('a better version is promoted', fc.integer({ min: 3, max: 5 }), (world, number) => {
    world.cluster.behave(number, {});
    world.cluster.publish(number);
    world.settle(60);
  }),
  said('all goes well for long', fc.integer({ min: 5, max: 40 }), (world, seconds) => world.settle(seconds)),
];

const step = fc.oneof(
  { weight: 2, arbitrary: fc.oneof(...frequent) },
  { weight: 4, arbitrary: fc.oneof(...racing) },
  { weight: 2, arbitrary: fc.oneof(...rare) },
  { weight: 4, arbitrary: fc.oneof(...ofManifests) },
);

describe('a refused revision', () => {
  test('stays refused over 100 re-applies and 10 restarts; a new retryToken gives exactly one attempt', () => {
    const world = trying({ failsEvery: 4 });
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
    world.settle(60);
    const served = () => world.gateways.served.get(rejectionOf(world, 'digits-2')?.revision ?? '');
    const before = served();
    for (let time = 0; time < 100; time += 1) {
      world.cluster.change({ rollout, gates });
      if (time % 10 === 0) world.operator.reconcileDeployment(0);
      world.operator.restart();
      world.tick();
      expect(world.status?.candidate).toBeUndefined();
    }
    expect(served()).toBe(before);
    world.cluster.change({ rollout: { ...rollout, retryToken: 'again' } });
    until(world, () => rejectionOf(world, 'digits-2')?.retryToken === 'again');
    world.settle(60);
    const after = served();
    expect(after).toBeGreaterThan(before ?? 0);
    for (let time = 0; time < 20; time += 1) {
      world.operator.restart();
      world.tick();
    }
    expect(served()).toBe(after);
  });

  test('has a whole attempt with a new retryToken, also in pods that crashed before and still drain', () => {
    const world = trying({});
    until(world, () => world.status?.rollout?.startedAt !== undefined);
    world.cluster.behave(2, { crashes: true });
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
    expect(world.cluster.revisionsThatRun).toHaveLength(2);
    world.cluster.behave(2, {});
    world.cluster.change({ rollout: { ...rollout, retryToken: 'again' } });
    until(world, () => world.status?.stable?.version === 'digits-2');
    expect(world.status?.rejected).toBeUndefined();
  });

  test('that is older than the live one and named is tried once', () => {
    const world = trying({}, { gates: [errors] });
    world.cluster.publish(3);
    until(world, () => world.status?.stable?.version === 'digits-3');
    world.cluster.behave(2, { failsEvery: 4 });
    world.cluster.pin(2);
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
    const retries = retriesIn(world);
    world.settle(60);
    expect(retries).toEqual([]);
    expect(conditionOf(world, 'CandidateRejected')).toMatchObject({ status: 'True' });
  });

  test('stays refused when it is named after a newer version was promoted', () => {
    const world = trying({ failsEvery: 4 });
    until(world, () => rejectionOf(world, 'digits-2') !== undefined);
    const retries = retriesIn(world);
    world.cluster.publish(3);
    until(world, () => world.status?.stable?.version === 'digits-3');
    world.settle(60);
    world.cluster.pin(2);
    world.settle(60);
    expect(retries).toEqual([]);
  });

  test('is never tried again without a new retryToken, under any schedule', () => {
    const quality = fc.constantFrom({ failsEvery: 1 }, { failsEvery: 4 }, { right: 700 }, { crashes: true });
    fc.assert(
      fc.property(quality, fc.array(step, { minLength: 10, maxLength: 60 }), (bad, steps) => {
        const world = trying(bad, { rollout: brief, gates: [accuracy, errors] });
        until(world, () => rejectionOf(world, 'digits-2') !== undefined);
        const retries = retriesIn(world);
        for (const each of steps) {
          each.take(world);
          expect(retries.map((retry) => `after "${each.say}": ${retry}`)).toEqual([]);
        }
      }),
      { numRuns: 80 },
    );
  });
});
