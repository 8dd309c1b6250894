// The round on an apiserver of a few lines: what is written, in which order, and what is not.
import { describe, expect, test } from '@jest/globals';
import type { Condition } from '@sluice/crds/fragments.ts';
import type { Child } from '../core/plan.ts';
import { ApiError, NetworkError } from '../kube/errors.ts';
import type { Stored } from '../kube/objects.ts';
import { stored } from '../kube/testing/stored.ts';
import type { TransportRequest } from '../kube/transport/transport.ts';
import {
  child,
  configMapPath,
  key,
  ownedBy,
  owner,
  ownerPath,
  type Status,
  setUp,
  statusPath,
} from './testing/round-world.ts';

const conditions = (status: Status | undefined) =>
  status?.conditions?.map((each) => `${each.type}=${each.status}/${each.reason}`);

describe('a round', () => {
  test('makes the children, then writes the status, then tells of it', async () => {
    const event = { type: 'Normal', reason: 'Running', message: 'it runs' } as const;
    const world = setUp({ desired: [child('a')], status: { phase: 'on' }, events: [event], wakeAfterSeconds: 3 });
    expect(await world.run()).toEqual({ requeueAfterMs: 3000 });
    const written = ({ method, path }: TransportRequest) => path.split('/').at(method === 'POST' ? -1 : -2);
    expect(world.transport.writes().map(written)).toEqual(['configmaps', 'digits', 'events']);
  });

  test('never creates a child that is only to be kept', async () => {
    const world = setUp({ desired: [child('a', 'Retained')], status: { phase: 'on' } });
    await world.run();
    expect(world.transport.objects.has(configMapPath('a'))).toBe(false);
  });

  test('does nothing for an object that is gone or goes, and measures nothing for it', async () => {
    const world = setUp({ desired: [child('a')] });
    const leaving = owner();
    world.store.upsert({
      ...leaving,
      metadata: { ...leaving.metadata, resourceVersion: '2', deletionTimestamp: 'now' },
    });
    expect(await world.run()).toBeUndefined();
    expect(world.transport.writes()).toEqual([]);
    expect(world.measured).toEqual([[key, []]]);
  });

  test('removes a child only when the status says what it was there for', async () => {
    const live = owner();
    const world = setUp({ status: { phase: 'on' } }, live);
    world.children.upsert(ownedBy(live, 'old'));
    world.transport.objects.set(configMapPath('old'), { ...ownedBy(live, 'old') });
    await world.run();
    expect(world.transport.writes().map(({ path }) => path)).toEqual([statusPath, configMapPath('old')]);
  });

  test.each<[string, (world: ReturnType<typeof setUp>, live: Stored) => void]>([
    ['status', ({ store }, live) => store.upsert({ ...live, metadata: { ...live.metadata, resourceVersion: '1' } })],
    ['child', ({ children }, live) => children.upsert(ownedBy(live, 'a'))],
  ])(
    'plans nothing on caches of which one does not show its last write, though another shows its %s',
    async (_, hear) => {
      const live = owner();
      const world = setUp({ desired: [child('a')], status: { phase: 'on' } }, live);
      await world.run();
      const before = world.transport.requests.length;
      expect(await world.run()).toEqual({ requeueAfterMs: 6_000 });
      hear(world, live);
      expect(await world.run()).toEqual({ requeueAfterMs: 6_000 });
      expect([world.transport.requests.length, world.measured.length]).toEqual([before, 1]);
    },
  );

  test('goes on without the news of its own writes when they do not come, and writes nothing twice', async () => {
    const world = setUp({ desired: [child('a')], status: { phase: 'on' } });
    let wakes = 0;
    for (const cache of [world.store, world.children]) {
      cache.subscribe(() => {
        wakes += 1;
      });
    }
    await world.run();
    const before = world.transport.writes().length;
    const live = owner({ status: world.status() });
    world.transport.objects.set(ownerPath, { ...live, metadata: { ...live.metadata, resourceVersion: '5' } });
    await world.clock.advance(10_000);
    expect([wakes, world.store.get(key), world.children.size]).toMatchObject([2, { status: { phase: 'on' } }, 1]);
    await world.run();
    expect(world.measured).toHaveLength(2);
    expect(world.transport.writes()).toHaveLength(before);
  });

  test('removes a child only while the owner is as the plan saw it', async () => {
    const live = owner({ status: { phase: 'on' } });
    const world = setUp({ status: { phase: 'on' } }, live);
    world.children.upsert(ownedBy(live, 'old'));
    world.transport.objects.set(configMapPath('old'), { ...ownedBy(live, 'old') });
    world.transport.objects.set(ownerPath, { ...live, metadata: { ...live.metadata, resourceVersion: '9' } });
    await expect(world.run()).rejects.toMatchObject({ status: 409 });
    expect(world.transport.writes()).toEqual([]);
    world.transport.objects.set(ownerPath, { ...live });
    await world.run();
    expect(world.transport.objects.has(configMapPath('old'))).toBe(false);
  });

  test.each<[string, object | undefined]>([
    ['has changed since the plan saw it', { resourceVersion: '9' }],
    ['has been made anew since', { uid: 'another' }],
    ['is gone', undefined],
  ])('makes no child when the owner %s, whatever its lifetime', async (_, changes) => {
    for (const lifetime of ['Managed', 'CreateOnce', 'Independent'] as const) {
      const live = owner();
      const world = setUp({ desired: [child('a', lifetime)], status: { phase: 'on' } }, live);
      if (changes) world.transport.objects.set(ownerPath, { ...live, metadata: { ...live.metadata, ...changes } });
      else world.transport.objects.delete(ownerPath);
      await expect(world.run()).rejects.toMatchObject({ status: 409 });
      expect(world.transport.writes()).toEqual([]);
    }
  });

  test('reads its object once when it makes children, and not at all when they are there', async () => {
    const live = owner({ status: {} });
    const world = setUp({ desired: [child('a'), child('b', 'CreateOnce')] }, live);
    const readsOfOwner = () => world.transport.requests.filter(({ path }) => path === ownerPath).length;
    await world.run();
    expect([world.transport.writes().length, readsOfOwner()]).toEqual([2, 1]);
    for (const { path } of world.transport.requests.splice(0)) {
      const made = world.transport.objects.get(path.endsWith('/configmaps') ? `${path}/b` : path);
      if (made?.['kind'] === 'ConfigMap') world.children.upsert(made as unknown as Stored);
    }
    expect(world.children.size).toBe(2);
    await world.run();
    expect(world.transport.requests).toEqual([]);
  });

  test('sends no event when the status could not be written', async () => {
    const event = { type: 'Normal', reason: 'Running', message: 'it runs' } as const;
    const world = setUp({ status: { phase: 'on' }, events: [event] });
    world.transport.isDown = true;
    await expect(world.run()).rejects.toThrow('down');
    world.transport.isDown = false;
    expect(world.told()).toEqual([]);
  });
});

describe('a child whose name is taken', () => {
  const planned: Condition[] = [
    { type: 'Ready', status: 'True', reason: 'Complete', message: '', observedGeneration: 1, lastTransitionTime: 'x' },
    { type: 'Running', status: 'True', reason: 'Running', message: '', observedGeneration: 1, lastTransitionTime: 'x' },
  ];
  test('is said on the object of any kind, told once, and looked for again', async () => {
    const world = setUp({ desired: [child('a'), child('b')], status: { conditions: planned } });
    world.transport.objects.set(configMapPath('a'), { ...stored({ name: 'a' }) });
    expect(await world.run()).toEqual({ requeueAfterMs: 1_000 });
    expect(world.transport.objects.has(configMapPath('b'))).toBe(true);
    expect(conditions(world.status())).toEqual([
      'Ready=False/NameTaken',
      'Reconciling=True/NameTaken',
      'Running=True/Running',
    ]);
    expect(world.told()).toMatchObject([
      {
        reason: 'NameTaken',
        note: 'ConfigMap a belongs to something else; delete it, or create this object under another name',
      },
    ]);
    const said = owner({ status: world.status() });
    world.store.upsert({ ...said, metadata: { ...said.metadata, resourceVersion: '5' } });
    await world.run();
    expect(world.told()).toHaveLength(1);
  });
});

describe('what has the name of a child and goes by itself', () => {
  const predecessor = { apiVersion: 'sluice.dev/v1alpha1', kind: 'TrainingJob', name: 'digits', uid: 'of-before' };
  test.each<[string, object]>([
    ['is being deleted', { deletionTimestamp: '2026-01-05T10:00:00Z' }],
    ['belonged to an object of this kind and name', { ownerReferences: [{ ...predecessor, controller: true }] }],
  ])('is waited for when it %s, and the child is made when it is gone', async (_, metadata) => {
    const world = setUp({ desired: [child('a')], status: {} });
    world.transport.objects.set(configMapPath('a'), { ...stored({ name: 'a', ...metadata }) });
    expect(await world.run()).toEqual({ requeueAfterMs: 1_000 });
    expect(conditions(world.status())).toEqual(['Ready=False/PredecessorGoing', 'Reconciling=True/PredecessorGoing']);
    world.transport.objects.delete(configMapPath('a'));
    world.see();
    await world.clock.advance(1_000);
    await world.run();
    expect(world.transport.objects.has(configMapPath('a'))).toBe(true);
    expect(world.status()?.conditions ?? []).toEqual([]);
  });
});

describe('a child that is refused', () => {
  const failure = (status: number, reason: string, message: string) => new ApiError({ status, reason, message });
  const refuse =
    (error: Error, ...names: string[]) =>
    ({ path, body }: TransportRequest) =>
      path.includes('/configmaps') && names.includes((body as Partial<Stored> | undefined)?.metadata?.name ?? '')
        ? error
        : undefined;

  test.each<[string, Error]>([
    ['400', failure(400, 'BadRequest', 'quantities must match')],
    ['403 of a quota', failure(403, 'Forbidden', 'exceeded quota: few')],
    ['404 of a kind that is not there', failure(404, 'NotFound', 'the server could not find the requested resource')],
    ['409 of a webhook', failure(409, 'Conflict', 'admission webhook "a" denied the request: not now')],
    ['413', failure(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728')],
    ['422', failure(422, 'Invalid', 'spec.x: Invalid value')],
    ['500 of a webhook', failure(500, 'InternalError', 'failed calling webhook "a": connection refused')],
    ['a time-out', new NetworkError('no answer in 10000 ms', { timedOut: true })],
  ])('with %s is on the object, the others are made, and what is superfluous goes', async (_, error) => {
    const live = owner();
    const world = setUp({ desired: [child('a'), child('b'), child('c')], status: { phase: 'on' } }, live);
    world.children.upsert(ownedBy(live, 'old'));
    world.transport.objects.set(configMapPath('old'), { ...ownedBy(live, 'old') });
    world.transport.refuse = refuse(error, 'b');
    expect(await world.run()).toEqual({ requeueAfterMs: 1_000 });
    expect(world.status()?.phase).toBe('on');
    expect(conditions(world.status())).toEqual([
      'Ready=False/ChildRefused',
      'Reconciling=True/ChildRefused',
      'ChildRefused=True/ChildRefused',
    ]);
    expect(world.told()).toMatchObject([{ reason: 'ChildRefused', note: expect.stringContaining('ConfigMap b') }]);
    const there = ['a', 'b', 'c', 'old'].filter((name) => world.transport.objects.has(configMapPath(name)));
    expect(there).toEqual(['a', 'c']);
  });

  test('by whoever admits pods is on the object although its Job was made, and goes with its cause', async () => {
    const world = setUp({ desired: [child('a')], status: {} });
    world.refusedPods.push({ kind: 'pod of Job', name: 'a', said: 'exceeded quota: few' });
    await world.run();
    world.see();
    expect(conditions(world.status())).toContain('Ready=False/ChildRefused');
    expect(world.told()).toMatchObject([{ note: expect.stringContaining('pod of Job a: exceeded quota: few.') }]);
    world.refusedPods.pop();
    await world.run();
    expect(conditions(world.status()) ?? []).toEqual([]);
  });

  test('is not tried at each look, and is made when its cause is gone', async () => {
    const world = setUp({ desired: [child('a')], status: {} });
    let tries = 0;
    const no = refuse(failure(403, 'Forbidden', 'exceeded quota: few'), 'a');
    world.transport.refuse = (wanted) => {
      const error = no(wanted);
      if (error) tries += 1;
      return error;
    };
    for (let look = 0; look < 20; look += 1) {
      await world.run();
      world.see();
    }
    expect(tries).toBe(1);
    world.transport.refuse = undefined;
    await world.clock.advance(1_000);
    await world.run();
    expect(world.transport.objects.has(configMapPath('a'))).toBe(true);
    expect(conditions(world.status()) ?? []).toEqual([]);
  });

  test('and of which the status would speak, keeps the status as it was, and nothing is removed', async () => {
    const live = owner({ status: { phase: 'before' } });
    const world = setUp({ desired: [child('a', 'Independent')], status: { phase: 'after' } }, live);
    world.children.upsert(ownedBy(live, 'old'));
    world.transport.objects.set(configMapPath('old'), { ...ownedBy(live, 'old') });
    world.transport.refuse = refuse(failure(403, 'Forbidden', 'exceeded quota: few'), 'a');
    await world.run();
    expect(world.status()).toMatchObject({ phase: 'before' });
    expect(conditions(world.status())).toContain('ChildRefused=True/ChildRefused');
    expect(world.transport.objects.has(configMapPath('old'))).toBe(true);
  });

  test('by an apiserver in trouble is tried again by the queue, after the status was written', async () => {
    const world = setUp({ desired: [child('a'), child('b')], status: { phase: 'on' } });
    world.transport.refuse = refuse(failure(503, 'ServiceUnavailable', 'etcd has no leader'), 'a');
    await expect(world.run()).rejects.toMatchObject({ status: 503 });
    expect(world.status()).toEqual({ phase: 'on' });
    expect(world.transport.objects.has(configMapPath('b'))).toBe(false);
  });
});

describe('a shared child', () => {
  const shared = (): Child => {
    const { manifest } = child('numbers');
    const labels = { 'app.kubernetes.io/managed-by': 'sluice' };
    return { manifest: { ...manifest, metadata: { ...manifest.metadata, labels } }, lifetime: 'Shared' };
  };
  const writtenPaths = ({ transport }: ReturnType<typeof setUp>) => transport.writes().map(({ path }) => path);

  test('is written before the others, belongs to nobody, and is not removed', async () => {
    const world = setUp({ desired: [child('a'), shared()] });
    await world.run();
    const [numbers, a] = [world.transport.objects.get(configMapPath('numbers')), configMapPath('a')];
    expect(writtenPaths(world)).toEqual([configMapPath('').slice(0, -1), a]);
    expect(numbers).toMatchObject({ data: { a: '1' } });
    expect(JSON.stringify(numbers)).not.toContain('ownerReferences');
  });

  test('fails the round with a conflict where somebody else has made it, before anything else is written', async () => {
    const world = setUp({ desired: [child('a'), shared()], status: { phase: 'Complete' } });
    const { labels } = shared().manifest.metadata;
    world.transport.objects.set(configMapPath('numbers'), { ...stored({ name: 'numbers', labels }) });
    await expect(world.run()).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    expect([world.status(), world.transport.objects.has(configMapPath('a'))]).toEqual([undefined, false]);
  });

  test('is said to be taken where its name belongs to something else', async () => {
    const world = setUp({ desired: [shared()] });
    const theirs = stored({ name: 'numbers' });
    world.transport.objects.set(configMapPath('numbers'), { ...theirs });
    await world.run();
    expect(conditions(world.status())).toContain('Ready=False/NameTaken');
    expect(world.transport.objects.get(configMapPath('numbers'))).toMatchObject({ ...theirs });
  });
});

describe('a spec that does not fit the schema', () => {
  test('is said with the field and nothing is done with it', async () => {
    const before = [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Complete',
        message: '',
        observedGeneration: 1,
        lastTransitionTime: 'before',
      },
      {
        type: 'Complete',
        status: 'True',
        reason: 'Complete',
        message: '',
        observedGeneration: 1,
        lastTransitionTime: 'before',
      },
    ];
    const live = owner({ spec: { size: 'big' }, status: { conditions: before, phase: 'kept' } });
    const world = setUp({ desired: [child('a')] }, live);
    await world.run();
    expect(conditions(world.status())).toEqual([
      'Ready=False/SpecInvalid',
      'Stalled=True/SpecInvalid',
      'Complete=True/Complete',
    ]);
    const [ready] = world.status()?.conditions ?? [];
    expect(ready?.message).toBe('spec.size: must be a number; correct the field');
    expect(ready?.lastTransitionTime).not.toBe('before');
    expect(world.status()?.phase).toBe('kept');
    expect(world.transport.objects.has(configMapPath('a'))).toBe(false);
    expect(world.told()).toMatchObject([{ reason: 'SpecInvalid' }]);
  });
});
