// Many gateways at the pace of the gateway question, on a clock that is moved by hand: how far looks are apart.
import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../kube/testing/fake-clock.ts';
import { gatewayState } from './gateway-state.ts';
import { LookSchedule, type Pace, type Wish } from './look-schedule.ts';

const taking: Wish = { everyMs: 200, isUrgent: true };
const moving: Wish = { everyMs: 900, isUrgent: true };
const resting: Wish = { everyMs: 5000, isUrgent: false };
const answerMs = 40;

/** A schedule whose looks take a while, and when each began. */
function setUp(pace: Pace = gatewayState.pace) {
  const clock = new FakeClock();
  const looks: { readonly key: string; readonly atMs: number }[] = [];
  const wantedMs = new Map<string, number>();
  const under = new Set<string>();
  const schedule = new LookSchedule({
    pace,
    clock,
    look: async (key) => {
      expect(under).not.toContain(key);
      under.add(key);
      looks.push({ key, atMs: clock.monotonicMs() });
      await new Promise<void>((resolve) => clock.after(answerMs, resolve));
      under.delete(key);
    },
  });
  const wantAll = (name: string, count: number, wish: Wish) => {
    for (let at = 0; at < count; at += 1) {
      wantedMs.set(`${name}-${at}`, clock.monotonicMs());
      schedule.want(`${name}-${at}`, wish);
    }
  };
  /** Longest time without a look at any of these since they were wanted, or since then, in milliseconds. */
  const longestGapMs = (name: string, sinceMs = 0) => {
    const times = new Map<string, number[]>();
    for (const [key, atMs] of wantedMs) {
      if (key.startsWith(`${name}-`)) times.set(key, [Math.max(atMs, sinceMs)]);
    }
    for (const { key, atMs } of looks) {
      if (atMs >= sinceMs) times.get(key)?.push(atMs);
    }
    const gaps = [...times.values()].flatMap((each) =>
      [...each.slice(1), clock.monotonicMs()].map((atMs, at) => atMs - (each[at] ?? 0)),
    );
    return Math.max(...gaps);
  };
  return { clock, schedule, looks, wantAll, longestGapMs };
}

describe('two pods each of 50 namespaces with a rollout, among those of 200 at rest', () => {
  test('are looked at at most a second apart; the others every five seconds', async () => {
    const world = setUp();
    world.wantAll('resting', 400, resting);
    world.wantAll('moving', 100, moving);
    await world.clock.advance(20_000);
    expect(world.longestGapMs('moving')).toBeLessThanOrEqual(1000);
    expect(world.longestGapMs('resting', 5000)).toBeLessThanOrEqual(5500);
  });

  test('are so with ten times as many at rest, and when 50 rollouts more take new weights at once', async () => {
    const world = setUp();
    world.wantAll('resting', 4000, resting);
    world.wantAll('moving', 100, moving);
    await world.clock.advance(5000);
    world.wantAll('taking', 100, taking);
    await world.clock.advance(5000);
    expect(world.longestGapMs('moving')).toBeLessThanOrEqual(1000);
    expect(world.longestGapMs('taking')).toBeLessThanOrEqual(1000);
  });
});

test('the pods of 120 namespaces with a rollout are looked at at most a second apart', async () => {
  const world = setUp();
  world.wantAll('resting', 400, resting);
  await world.clock.advance(5000);
  world.wantAll('moving', 240, moving);
  await world.clock.advance(20_000);
  expect(world.longestGapMs('moving', 10_000)).toBeLessThanOrEqual(1000);
});

describe('a schedule', () => {
  test('goes no faster than its pace, and looks at everybody in turn', async () => {
    const world = setUp({ perSecond: 100, burst: 20 });
    world.wantAll('resting', 1000, resting);
    await world.clock.advance(20_000);
    expect(world.looks.length).toBeLessThanOrEqual(20 + 20 * 100);
    expect(world.longestGapMs('resting')).toBeLessThanOrEqual(10_100);
  });

  test('looks at those that are not urgent, too, when there are too many that are', async () => {
    const world = setUp({ perSecond: 100, burst: 20 });
    world.wantAll('moving', 200, moving);
    world.wantAll('resting', 20, resting);
    await world.clock.advance(20_000);
    expect(world.longestGapMs('resting')).toBeLessThanOrEqual(6000);
    expect(world.longestGapMs('moving')).toBeLessThanOrEqual(2300);
  });

  test('looks sooner at whom it shall look more often', async () => {
    const world = setUp();
    world.schedule.want('one', { everyMs: 60_000, isUrgent: false });
    await world.clock.advance(1000);
    world.schedule.want('one', moving);
    await world.clock.advance(1);
    expect(world.looks.map(({ atMs }) => atMs)).toEqual([0, 1000]);
  });

  test('looks no more at whom it forgot: in line, under way, or waiting', async () => {
    const world = setUp({ perSecond: 1, burst: 1 });
    world.wantAll('any', 2, moving);
    await world.clock.advance(answerMs / 2);
    world.schedule.forget('any-0');
    world.schedule.forget('any-1');
    await world.clock.advance(10_000);
    expect(world.looks.map(({ key }) => key)).toEqual(['any-0']);
    expect(world.clock.nextTimerMs()).toBeUndefined();
  });
});
