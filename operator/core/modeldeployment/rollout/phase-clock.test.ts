// A phase uses up only time in which it may go on by itself, whoever looks, how often, and after how long.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { longestLookMs, noteEveryMs } from '../pace.ts';
import { at, record, start } from '../testing/samples.ts';
import { clockOf, newClock, type PhaseClock, tick, usedSeconds } from './phase-clock.ts';

const phase = { phase: 'Stepping', step: 'probe', weightPercent: 10 } as const;
const kept = { ...phase, revision: record(2).revision, candidateSamples: 0, warmReplicas: 2, evaluationAttempt: 1 };

describe('the clock of a phase', () => {
  test('is that of the same phase, and a new one in another', () => {
    const clock = { usedSeconds: 7 };
    expect(clockOf({ ...kept, clock }, phase, start)).toEqual(clock);
    for (const other of [{ step: 'half' }, { weightPercent: 20 }, { phase: 'Baking' as const }]) {
      expect(clockOf({ ...kept, clock }, { ...phase, ...other }, start)).toEqual(newClock);
    }
    expect(clockOf(undefined, phase, start)).toEqual(newClock);
  });

  test('has used what passed since the step began, where an earlier release kept none', () => {
    const clock = clockOf({ ...kept, startedAt: at(0) }, phase, start + 90_000);
    expect(usedSeconds(clock, start + 90_000)).toBe(90);
  });

  test('is noted twice a minute, and when it stops or goes on', () => {
    const running = tick(newClock, true, start);
    expect(tick(running, true, start + noteEveryMs - 1)).toBe(running);
    expect(tick(running, true, start + noteEveryMs)).toEqual({ usedSeconds: 30, since: '2026-01-05T10:00:30.000Z' });
    expect(tick(running, false, start + 1500)).toEqual({ usedSeconds: 1.5 });
    expect(tick({ usedSeconds: 1.5 }, false, start)).toEqual({ usedSeconds: 1.5 });
  });

  test('counts nothing of a time in which no operator looked, nor of a clock that goes back', () => {
    const running = tick(newClock, true, start);
    expect(usedSeconds(running, start + longestLookMs)).toBe(longestLookMs / 1000);
    expect(usedSeconds(running, start + longestLookMs + 1)).toBe(0);
    expect(usedSeconds(running, start - 5000)).toBe(0);
    expect(tick(running, true, start - 3_600_000).since).toBe('2026-01-05T09:00:00.000Z');
  });
});

/** Looks some time apart, each of which finds that the phase may go on, or may not. */
const looks = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 20_000 }), runs: fc.boolean() }), {
  maxLength: 60,
});

function play(steps: readonly { readonly afterMs: number; readonly runs: boolean }[]) {
  let clock: PhaseClock = newClock;
  let [now, ran, expected, notes] = [start, false, 0, 0];
  for (const { afterMs, runs } of steps) {
    now += afterMs;
    if (ran) expected += afterMs;
    const next = tick(clock, runs, now);
    if (next !== clock) notes += 1;
    [clock, ran] = [next, runs];
  }
  return { used: usedSeconds(clock, now), expected: expected / 1000, notes };
}

test('whoever looks, and however often, the time that it ran is what it used', () => {
  fc.assert(
    fc.property(looks, (steps) => {
      const { used, expected } = play(steps);
      expect(used).toBeCloseTo(expected, 6);
    }),
  );
});

test('an hour that runs on is noted 120 times, looked at every second', () => {
  const { used, notes } = play(Array.from({ length: 3601 }, () => ({ afterMs: 1000, runs: true })));
  expect(used).toBe(3600);
  expect(notes).toBeLessThanOrEqual(121);
});
