// What others do to a job on its way: containers beside its trainer, a queue that suspends its Job, a node that goes away.
import { describe, expect, test } from '@jest/globals';
import { formatTime } from '../conditions.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { succeeded, toldWorld } from './testing/endings.ts';
import { World } from './testing/world.ts';

const ready = ({ status }: World) => status.conditions?.find(({ type }) => type === 'Ready');
const said = (world: World) => `${ready(world)?.status} ${ready(world)?.reason}`;

function changePods(world: World, change: (pod: ObservedPod) => ObservedPod): void {
  world.observed = { ...world.observed, pods: world.observed.pods.map(change) };
}

/** A queue sets `suspend` on every Job, and the Job controller says so. */
function setSuspended(world: World, suspend: boolean): void {
  const lastTransitionTime = formatTime(world.now);
  const status = { conditions: [{ type: 'Suspended', status: suspend ? 'True' : 'False', lastTransitionTime }] };
  const jobs = world.observed.jobs.map((job) => ({ ...job, spec: { suspend }, status }));
  world.observed = { ...world.observed, jobs };
}

describe('a sidecar that runs on', () => {
  const withSidecar = (pod: ObservedPod): ObservedPod => ({
    ...pod,
    status: {
      ...pod.status,
      phase: 'Running',
      containerStatuses: [{ name: 'istio-proxy', state: { running: {} } }, ...(pod.status?.containerStatuses ?? [])],
    },
  });

  test('keeps nothing from its end, and goes with the Job soon after', () => {
    const world = toldWorld();
    world.endPods(succeeded);
    changePods(world, withSidecar);
    world.round();
    expect(world.round().desired.map(({ manifest }) => manifest.kind)).toContain('ModelVersion');
    expect(world.condition('Complete')).toBe('True');
    world.pass(9);
    expect(world.round().desired).toMatchObject([{ lifetime: 'Retained' }]);
    world.pass(1);
    expect(world.round().desired).toEqual([]);
  });

  test('keeps no attempt from following', () => {
    const world = toldWorld();
    world.endPods({ exitCode: 137, reason: 'Error' });
    changePods(world, withSidecar);
    world.settle();
    world.pass(15);
    world.settle();
    expect(world.created).toEqual([1, 2]);
  });
});

describe('a Job that a queue suspends', () => {
  test('before it has a pod spends no deadline, and goes on as the same attempt', () => {
    const world = new World({ deadlines: { pendingSeconds: 30 } });
    world.round();
    const { pods } = world.observed;
    world.observed = { ...world.observed, pods: [] };
    setSuspended(world, true);
    world.pass(3600);
    world.settle();
    expect([said(world), world.condition('Stalled'), world.condition('Reconciling')]).toEqual([
      'Unknown JobSuspended',
      undefined,
      undefined,
    ]);
    expect(world.condition('Suspended')).toBeUndefined();
    setSuspended(world, false);
    world.pass(29);
    world.settle();
    expect([said(world), world.created]).toEqual(['False PodPending', [1]]);
    world.observed = { ...world.observed, pods };
    world.startPod();
    world.endPods(succeeded);
    world.settle();
    expect([world.condition('Complete'), world.status.attempt]).toEqual(['True', 1]);
  });

  test('while it trains loses its pod without a failure, a budget or a second attempt', () => {
    const world = toldWorld();
    setSuspended(world, true);
    changePods(world, (pod) => ({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: formatTime(world.now) },
      status: {
        ...pod.status,
        phase: 'Failed',
        containerStatuses: [{ name: 'trainer', state: { terminated: { exitCode: 20 } } }],
      },
    }));
    world.settle();
    world.pass(60);
    setSuspended(world, false);
    world.settle();
    world.observed = { ...world.observed, pods: [] };
    world.settle();
    const { failure, retries, attempt } = world.status;
    expect([failure, retries, attempt, world.created]).toEqual([undefined, undefined, 1, [1]]);
    expect(world.condition('Failed')).toBeUndefined();
  });
});

describe('a node that goes away', () => {
  const away = (world: World) =>
    changePods(world, (pod) => ({
      ...pod,
      status: {
        ...pod.status,
        conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: formatTime(world.now) }],
      },
    }));

  test('is what is said, instead of an old figure', () => {
    const world = toldWorld();
    away(world);
    world.settle();
    expect([said(world), world.condition('Stalled')]).toEqual(['Unknown NodeLost', undefined]);
    expect(ready(world)?.message).toMatch(/^node node-a of pod digits-1-x does not answer since/);
    world.pass(72_000);
    expect(world.settle()).toBe(0);
  });

  test('is lost infrastructure when the pod was deleted, and no trainer begins beside the one that may still run', () => {
    const world = toldWorld();
    away(world);
    world.podsLinger = true;
    changePods(world, (pod) => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: formatTime(world.now) } }));
    world.settle();
    expect(said(world)).toBe('Unknown NodeLost');
    world.pass(60);
    world.settle();
    expect(world.status).toMatchObject({ failure: { class: 'Infrastructure', retryable: true } });
    world.pass(15);
    world.settle();
    expect([said(world), world.created]).toEqual(['Unknown NodeLost', [1]]);
    expect(ready(world)?.message).toMatch(/delete it, or force the deletion/);
    world.removeStopping();
    world.settle();
    expect(world.created).toEqual([1, 2]);
  });
});

describe('a trainer that does not tell its progress', () => {
  test('for five minutes is not told as if it had, and is as before when it does', () => {
    const world = toldWorld();
    world.pass(296);
    world.settle();
    expect(said(world)).toBe('False Running');
    world.pass(1);
    world.settle();
    expect(said(world)).toBe('Unknown ProgressUnknown');
    const report = {
      ...{ attempt: 1, stage: 'Fitting' as const, step: 1, totalSteps: 10, epoch: 0, totalEpochs: 2 },
      ...{ idleSeconds: 0, metrics: [] },
    };
    world.observed = { ...world.observed, reading: { podUid: 'pod-1', report, at: world.now } };
    world.settle();
    expect(said(world)).toBe('False Running');
  });
});

test('a spec that fits into no object makes no Job and says what is too long', () => {
  const features = Array.from({ length: 128 }, (_, index) => ({
    name: `f${index}`,
    type: 'Tensor',
    columns: '列'.repeat(1024),
    shape: [1024],
  }));
  const world = new World({
    data: { source: { configMap: { name: 'rows', key: 'a.csv' } }, format: 'CSV', target: 'y', features },
  });
  world.settle();
  expect([said(world), world.condition('Stalled'), world.created]).toEqual(['False SpecTooLong', 'True', []]);
});
