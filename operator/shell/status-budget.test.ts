// Thousands of objects that always have new numbers: how often each writes, on a clock that is moved by hand.
import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../kube/testing/fake-clock.ts';
import { StatusBudget } from './status-budget.ts';

/** Objects that want to write again and again, and when each did. */
function setUp(keys: readonly string[]) {
  const clock = new FakeClock();
  const writes: { key: string; atMs: number }[] = [];
  const wish = (key: string) => {
    if (budget.mayWrite(key)) writes.push({ key, atMs: clock.monotonicMs() });
  };
  const budget = new StatusBudget({ clock, onTurn: wish });
  const wishAll = () => {
    for (const key of keys) wish(key);
  };
  /** Every object has news each 15 s. */
  const run = async (seconds: number) => {
    for (let at = 0; at < seconds; at += 15) {
      wishAll();
      await clock.advance(15_000);
    }
  };
  const longestPauseMs = (key: string) => {
    const times = writes.filter((write) => write.key === key).map(({ atMs }) => atMs);
    return Math.max(...[...times, clock.monotonicMs()].map((atMs, at) => atMs - (times[at - 1] ?? 0)));
  };
  return { budget, clock, writes, wish, run, longestPauseMs };
}

const names = (namespace: string, count: number) => Array.from({ length: count }, (_, at) => `${namespace}/${at}`);

/** Most writes in any second. */
const busiest = (writes: readonly { atMs: number }[]) =>
  Math.max(
    ...writes.map(({ atMs }) => writes.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1000).length),
  );

describe('2,000 objects', () => {
  test('cost fewer than 20 writes in any second, and each again within a turn of all and a reading', async () => {
    const keys = names('ml', 2000);
    const world = setUp(keys);
    await world.run(405);
    expect(busiest(world.writes)).toBeLessThan(20);
    expect(world.writes.length).toBeGreaterThan(405 * 13);
    expect(Math.max(...keys.map(world.longestPauseMs))).toBeLessThan((2000 / 14 + 15) * 1000);
  });

  test('of a busy namespace do not keep the few of another one waiting', async () => {
    const few = names('small', 5);
    const world = setUp([...names('busy', 1995), ...few]);
    await world.run(90);
    expect(Math.max(...few.map(world.longestPauseMs))).toBeLessThan(16_000);
  });
});

describe('turns that are not used at once', () => {
  /** Keys that are told of their turn and come some time later, or never. */
  const setUpSlow = () => {
    const clock = new FakeClock();
    const told: string[] = [];
    const budget = new StatusBudget({ clock, onTurn: (key) => told.push(key) });
    for (const key of names('ml', 100)) budget.mayWrite(key);
    return { clock, told, budget };
  };

  test('do not pile up to be used all together', async () => {
    const { clock, told, budget } = setUpSlow();
    await clock.advance(4_000);
    expect(told.filter((key) => budget.mayWrite(key))).toHaveLength(2);
  });

  test('go to others after a while', async () => {
    const { clock, told, budget } = setUpSlow();
    await clock.advance(6_000);
    expect(told).toHaveLength(4);
    expect(told.map((key) => budget.mayWrite(key))).toEqual([false, false, true, true]);
  });
});

describe('a few objects', () => {
  test('write at once', () => {
    const world = setUp([]);
    expect(names('ml', 2).map((key) => world.budget.mayWrite(key))).toEqual([true, true]);
  });

  test('that have nothing to say any more keep nobody waiting', async () => {
    const world = setUp([]);
    for (const key of names('ml', 100)) world.wish(key);
    for (const key of names('ml', 99)) world.budget.leave(key);
    expect(world.budget.waiting).toBe(1);
    await world.clock.advance(1000);
    expect(world.writes.map(({ key }) => key)).toContain('ml/99');
  });

  test('are not told of a turn after the end', async () => {
    const world = setUp([]);
    for (const key of names('ml', 10)) world.wish(key);
    world.budget.close();
    await world.clock.advance(10_000);
    expect(world.writes).toHaveLength(2);
    expect(world.clock.nextTimerMs()).toBeUndefined();
  });
});
