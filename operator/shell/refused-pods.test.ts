// How often the apiserver is asked why a Job has no pod, and that no answer stops anything.
import { describe, expect, test } from '@jest/globals';
import type { Child } from '../core/plan.ts';
import { Store } from '../kube/cache/store.ts';
import { KubeClient } from '../kube/client.ts';
import { ApiError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/objects.ts';
import { FakeClock } from '../kube/testing/fake-clock.ts';
import { MemoryTransport } from '../kube/testing/memory-transport.ts';
import { stored } from '../kube/testing/stored.ts';
import { RefusedPods } from './refused-pods.ts';

const start = Date.parse('2026-11-21T10:00:00Z');
const eventsPath = '/apis/events.k8s.io/v1/namespaces/default/events';
const owner = stored({ name: 'digits' }, { apiVersion: 'sluice.dev/v1alpha1', kind: 'TrainingJob' });
const ofController = (apiVersion: string, kind: string, name: string) => [
  { apiVersion, kind, name, uid: `uid-of-${name}`, controller: true },
];
const jobOf = (rest: object = {}, resourceVersion = '1', name = 'digits-1') =>
  stored(
    {
      name,
      resourceVersion,
      ownerReferences: ofController('sluice.dev/v1alpha1', 'TrainingJob', 'digits'),
    },
    { apiVersion: 'batch/v1', kind: 'Job', ...rest },
  );
const pod = stored(
  { name: 'digits-1-abcde', ownerReferences: ofController('batch/v1', 'Job', 'digits-1') },
  { kind: 'Pod' },
);

const wantedJob: Child = {
  manifest: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'digits-1', namespace: 'default' } },
  lifetime: 'Retained',
};

function setUp() {
  const clock = new FakeClock();
  const transport = new MemoryTransport();
  const client = new KubeClient(transport, { fieldManager: 'sluice' });
  const caches = { jobs: new Store<KubeObject>(), pods: new Store<KubeObject>() };
  const troubles: unknown[] = [];
  const refused = new RefusedPods({ client, caches, clock, onTrouble: (_, error) => troubles.push(error) });
  caches.jobs.upsert(jobOf());
  let passedMs = 0;
  const pass = async (seconds: number) => {
    passedMs += seconds * 1000;
    await clock.advance(seconds * 1000);
  };
  const look = (signal = new AbortController().signal, wanted: readonly Child[] = [wantedJob]) =>
    refused.look(owner, { wanted, now: start + passedMs, signal });
  const say = (...notes: string[]) => {
    const items = notes.map((note, index) => ({
      ...stored({ name: `e-${index}`, creationTimestamp: new Date(start + passedMs).toISOString() }),
      note,
    }));
    transport.objects.set(eventsPath, { metadata: { resourceVersion: '1' }, items });
  };
  say('Error creating: exceeded quota: few');
  return { caches, transport, troubles, pass, look, say };
}

const said = { refusals: [{ kind: 'pod of Job', name: 'digits-1', said: 'exceeded quota: few' }] };

describe('why a Job has no pod', () => {
  test('is asked after three seconds, with one bounded list of the events of that Job', async () => {
    const { transport, pass, look } = setUp();
    expect(await look()).toEqual({ refusals: [], againInMs: 3_000 });
    expect(transport.requests).toEqual([]);
    await pass(3);
    expect(await look()).toMatchObject({ ...said, againInMs: 5_000 });
    expect(transport.requests).toMatchObject([
      {
        method: 'GET',
        path: eventsPath,
        query: { fieldSelector: 'regarding.uid=uid-of-digits-1,reason=FailedCreate', limit: 50 },
      },
    ]);
  });

  test('is not asked at each look, and is told at each', async () => {
    const { transport, pass, look, say } = setUp();
    await pass(3);
    for (let count = 0; count < 20; count += 1) expect(await look()).toMatchObject(said);
    expect(transport.requests).toHaveLength(1);
    await pass(5);
    say('something else');
    expect(await look()).toMatchObject({ refusals: [{ said: 'something else' }] });
    expect(transport.requests).toHaveLength(2);
  });

  test('is asked for one Job after the other when many have no pod', async () => {
    const { caches, transport, pass, look } = setUp();
    const names = ['digits-1', 'digits-2', 'digits-3'];
    for (const name of names) caches.jobs.upsert(jobOf({}, '2', name));
    const wanted = names.map(
      (name): Child => ({
        ...wantedJob,
        manifest: { ...wantedJob.manifest, metadata: { ...wantedJob.manifest.metadata, name } },
      }),
    );
    await pass(3);
    const asked: unknown[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const { againInMs } = await look(undefined, wanted);
      asked.push([transport.requests.length, againInMs]);
      await pass(0.2);
    }
    expect(asked).toEqual([
      [1, 200],
      [2, 200],
      [3, 4_600],
      [3, 4_400],
    ]);
  });

  test.each<[string, object]>([
    ['a queue holds the Job back', { spec: { suspend: true } }],
    [
      'the Job is done',
      { status: { conditions: [{ type: 'Failed', status: 'True', lastTransitionTime: '2026-11-21T10:00:03Z' }] } },
    ],
    ['the Job controller counts a pod that is not seen yet', { status: { active: 1 } }],
  ])('is neither asked nor told when %s', async (_, state) => {
    const { caches, transport, pass, look } = setUp();
    await pass(3);
    await look();
    caches.jobs.upsert(jobOf(state, '2'));
    await pass(60);
    expect(await look()).toEqual({ refusals: [], againInMs: undefined });
    expect(transport.requests).toHaveLength(1);
  });

  test('is neither asked nor told of a Job that is to go', async () => {
    const { transport, pass, look } = setUp();
    await pass(3);
    expect(await look(undefined, [])).toEqual({ refusals: [], againInMs: undefined });
    expect(transport.requests).toEqual([]);
  });

  test('is told no more once a pod was there, even if that is gone again', async () => {
    const { caches, pass, look } = setUp();
    await pass(3);
    expect(await look()).toMatchObject(said);
    caches.pods.upsert(pod);
    await pass(60);
    expect(await look()).toEqual({ refusals: [], againInMs: undefined });
    caches.pods.remove(pod);
    await pass(60);
    expect(await look()).toMatchObject({ refusals: [] });
  });

  test.each<[string, (world: ReturnType<typeof setUp>) => void]>([
    ['the operator may not list events', ({ transport }) => transport.objects.delete(eventsPath)],
    ['there is no network', ({ transport }) => Object.assign(transport, { isDown: true })],
    ['the answer is no list', ({ transport }) => transport.objects.set(eventsPath, { items: 7 })],
  ])('stays unknown when %s, which stops nothing and is asked again', async (_, spoil) => {
    const world = setUp();
    spoil(world);
    await world.pass(3);
    expect(await world.look()).toMatchObject({ refusals: [], againInMs: 5_000 });
    expect(world.troubles).toHaveLength(1);
    world.transport.isDown = false;
    world.say('Error creating: exceeded quota: few');
    await world.pass(5);
    expect(await world.look()).toMatchObject(said);
  });

  test('is told as before while the apiserver does not answer', async () => {
    const world = setUp();
    await world.pass(3);
    await world.look();
    world.transport.isDown = true;
    await world.pass(5);
    expect(await world.look()).toMatchObject(said);
  });

  test('holds up no round that ends', async () => {
    const world = setUp();
    world.transport.request = () => Promise.reject(new ApiError({ status: 403, reason: 'Forbidden', message: 'no' }));
    await world.pass(3);
    await expect(world.look(AbortSignal.abort(new Error('ends')))).rejects.toThrow('ends');
  });
});
