// Checks that reconciles are contained, bounded in time, retried, and stopped.
import { describe, expect, test } from '@jest/globals';
import { Store } from '../cache/store.ts';
import { ApiError } from '../errors.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { stored } from '../testing/stored.ts';
import { takeList } from '../testing/take-list.ts';
import { Controller, type ControllerOptions, type Failure } from './controller.ts';
import { toController, toSelf, watch } from './watches.ts';

function setUp(reconcile: ControllerOptions['reconcile'], rest: Partial<ControllerOptions> = {}) {
  const clock = new FakeClock();
  const store = new Store();
  const stop = new AbortController();
  const failures: Failure[] = [];
  const counted: string[] = [];
  const count = (name: string): number => counted.push(name);
  const controller = new Controller({
    name: 'test',
    watches: [watch(store, toSelf)],
    reconcile,
    clock,
    onFailure: (failure) => failures.push(failure),
    instruments: { count, gauge: () => {}, observe: () => {} },
    ...rest,
  });
  const running = controller.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await settle();
    await clock.advance(20_000);
    await running;
  };
  return { clock, store, stop, failures, counted, controller, running, end };
}

describe('Controller', () => {
  test('reconciles nothing before its caches are complete, then everything there is, then what changes', async () => {
    const keys: string[] = [];
    const { store, end } = setUp(async (key) => void keys.push(key));
    store.upsert(stored({ name: 'early' }));
    await settle();
    expect(keys).toEqual([]);
    takeList(store, [stored({ name: 'early' }), stored({ name: 'listed' })]);
    await settle();
    expect(keys).toEqual(['default/early', 'default/listed']);
    store.upsert(stored({ name: 'late' }));
    await settle();
    expect(keys.at(-1)).toBe('default/late');
    await end();
  });

  test('H7: a bug in a reconcile is contained, counted and tried again; other keys go on', async () => {
    const seen: string[] = [];
    const reconcile = async (key: string): Promise<undefined> => {
      seen.push(key);
      if (key === 'default/bad' && seen.filter((each) => each === key).length < 3) throw new TypeError('a bug');
    };
    const { clock, store, failures, counted, end } = setUp(reconcile, { workers: 1 });
    takeList(store, [stored({ name: 'bad' }), stored({ name: 'good' })]);
    await clock.advance(100);
    expect(seen).toEqual(['default/bad', 'default/good', 'default/bad', 'default/bad']);
    expect(failures.map((each) => each.kind)).toEqual(['error', 'error']);
    expect(counted.filter((name) => name === 'reconcile_panics_total')).toHaveLength(2);
    await end();
  });

  test('a conflict is tried again without being an error', async () => {
    let tries = 0;
    const conflict = new ApiError({ status: 409, reason: 'Conflict', message: 'modified' });
    const reconcile = async (): Promise<undefined> => {
      tries += 1;
      if (tries === 1) throw conflict;
    };
    const { clock, store, failures, counted, end } = setUp(reconcile);
    takeList(store, [stored({ name: 'a' })]);
    await clock.advance(10);
    expect(tries).toBe(2);
    expect(failures.map((each) => each.kind)).toEqual(['conflict']);
    expect(counted).not.toContain('reconcile_errors_total');
    await end();
  });

  test('H21: a reconcile that was told to wait is not tried before', async () => {
    let tries = 0;
    const reconcile = async (): Promise<undefined> => {
      tries += 1;
      if (tries === 1) throw new ApiError({ status: 429, reason: 'x', message: 'x', retryAfterSeconds: 30 });
    };
    const { clock, store, end } = setUp(reconcile);
    takeList(store, [stored({ name: 'a' })]);
    await clock.advance(29_999);
    expect(tries).toBe(1);
    await clock.advance(1);
    expect(tries).toBe(2);
    await end();
  });

  test('a requeue comes when it was asked for', async () => {
    let runs = 0;
    const { clock, store, end } = setUp(async () => {
      runs += 1;
      return { requeueAfterMs: 60_000 };
    });
    takeList(store, [stored({ name: 'a' })]);
    await clock.advance(59_999);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
    await end();
  });

  test('H12: a reconcile that hangs is aborted, loses its worker and keeps its key', async () => {
    const begun: string[] = [];
    let wake = (): void => {};
    const reconcile = (key: string, signal: AbortSignal): Promise<undefined> => {
      begun.push(`${key} ${signal.aborted}`);
      if (key !== 'default/hung') return Promise.resolve(undefined);
      return new Promise((_resolve, reject) => {
        wake = () => reject(new Error('at last'));
      });
    };
    const { clock, store, failures, controller, end } = setUp(reconcile, { workers: 1, deadlineMs: 1_000 });
    takeList(store, [stored({ name: 'hung' }), stored({ name: 'next' })]);
    controller.enqueue('default/hung', 1);
    await clock.advance(999);
    expect(begun).toEqual(['default/hung false']);
    await clock.advance(1);
    expect(begun).toEqual(['default/hung false', 'default/next false']);
    wake();
    await clock.advance(1);
    expect(failures.map((each) => each.kind)).toEqual(['timeout']);
    expect(begun.at(-1)).toBe('default/hung false');
    wake();
    await end();
  });

  test('H18: thousands of keys that need nothing do not hold the event loop', async () => {
    const keys: string[] = [];
    const { store, end } = setUp(async (key) => void keys.push(key), { workers: 8 });
    takeList(
      store,
      Array.from({ length: 1000 }, (_, at) => stored({ name: `key-${at}` })),
    );
    await settle();
    expect(keys.length).toBeLessThan(100);
    while (keys.length < 1000) await settle();
    await end();
  });

  test('a long queue that moves is not stuck, one that no worker takes from is', async () => {
    const untilAborted = (_key: string, signal: AbortSignal): Promise<undefined> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
    const { clock, store, controller, end } = setUp(untilAborted, { workers: 1, deadlineMs: 60_000 });
    takeList(
      store,
      Array.from({ length: 10 }, (_, at) => stored({ name: `key-${at}` })),
    );
    await clock.advance(59_000);
    expect(controller.stuckForMs()).toBe(59_000);
    await clock.advance(240_000);
    expect(controller.stuckForMs()).toBeLessThanOrEqual(60_000);
    await end();
  });

  test('keys that wait for the first list of another cache are not stuck, however long it takes', async () => {
    const [store, late] = [new Store(), new Store()];
    const untilAborted = (_key: string, signal: AbortSignal): Promise<undefined> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
    const watches = [watch(store, toSelf), watch(late, toSelf)];
    const { clock, controller, end } = setUp(untilAborted, { workers: 1, watches });
    takeList(store, [stored({ name: 'one' }), stored({ name: 'two' })]);
    await clock.advance(600_000);
    expect(controller.stuckForMs()).toBe(0);
    takeList(late, []);
    await clock.advance(30_000);
    expect(controller.stuckForMs()).toBe(30_000);
    await end();
  });

  test('a stop waits for what runs, aborts it after the drain time, and takes nothing more', async () => {
    const signals: AbortSignal[] = [];
    const reconcile = (_key: string, signal: AbortSignal): Promise<undefined> => {
      signals.push(signal);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
    };
    const { clock, store, stop, running } = setUp(reconcile, { workers: 1, drainMs: 5_000 });
    takeList(store, [stored({ name: 'a' }), stored({ name: 'b' })]);
    await settle();
    stop.abort();
    await clock.advance(4_999);
    expect(signals.map((each) => each.aborted)).toEqual([false]);
    await clock.advance(1);
    await running;
    expect(signals.map((each) => each.aborted)).toEqual([true]);
  });
});

describe('watch', () => {
  const controlledBy = (name: string) => [
    { apiVersion: 'v1', kind: 'Owner', name, uid: `uid-${name}`, controller: true },
  ];

  test('wakes the controlling owner, and the former one when it changes', () => {
    const store = new Store();
    const woken: string[] = [];
    const failed = (error: unknown): never => {
      throw error;
    };
    const end = watch(store, toController({ kind: 'Owner' })).begin({ wake: (key) => woken.push(key), failed });
    store.upsert(stored({ name: 'child', ownerReferences: controlledBy('one') }));
    store.upsert(stored({ name: 'child', ownerReferences: controlledBy('two'), resourceVersion: '2' }));
    store.upsert(stored({ name: 'stranger', ownerReferences: [] }));
    expect(woken).toEqual(['default/one', 'default/one', 'default/two']);
    end();
  });

  test('H7: a mapper that throws hurts neither the cache nor the other listeners', () => {
    const store = new Store();
    const problems: unknown[] = [];
    const broken = watch(store, () => {
      throw new Error('bug');
    });
    broken.begin({ wake: () => {}, failed: (error) => problems.push(error) });
    store.upsert(stored({ name: 'a' }));
    expect(problems).toHaveLength(1);
    expect(store.size).toBe(1);
  });
});
