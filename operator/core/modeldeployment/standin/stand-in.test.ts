// When a candidate stands in, and when it gives the requests back, as a function of what was seen at each look.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { start } from '../testing/samples.ts';
import type { LiveState } from './live-down.ts';
import { backSeconds, isGone, type Looked, nextStandIn, type StandIn, standInLimits } from './stand-in.ts';

const looked = (seconds: number, changes: Partial<Looked> = {}): Looked => ({
  ...{ live: 'Down', hinders: undefined, isOver: false, canAnswer: true, stepPercent: 10, wantedPercent: 10 },
  now: start + seconds * 1000,
  ...changes,
});

/** Looks every second, as told. @returns what is kept after each. */
function look(seconds: number, at: (second: number) => Partial<Looked>, from?: StandIn): (StandIn | undefined)[] {
  let kept = from;
  return Array.from({ length: seconds }, (_, second) => {
    kept = nextStandIn(kept, looked(second, at(second)));
    return kept;
  });
}
const beginOf = (kept: (StandIn | undefined)[]) => kept.findIndex((each) => each?.since !== undefined);
const endOf = (kept: (StandIn | undefined)[]) => kept.findIndex((each) => each?.since === undefined);
const stands: StandIn = { since: '2026-01-05T09:00:00.000Z', stepPercent: 10, clock: { usedSeconds: 0 }, times: 1 };

describe('a candidate stands in', () => {
  test('when nothing of the live revision could answer for 30 s, and no earlier', () => {
    expect(beginOf(look(60, () => ({})))).toBe(standInLimits.downSeconds);
  });

  test('as soon as nothing hinders it any more', () => {
    expect(beginOf(look(90, (second) => (second < 50 ? { hinders: 'rollout.paused' } : {})))).toBe(50);
  });

  test.each<[string, (second: number) => Partial<Looked>]>([
    ['the live revision is back for a moment every 25 s', (second) => (second % 25 === 24 ? { live: 'Up' } : {})],
    ['a gateway pod is silent every 25 s', (second) => (second % 25 === 24 ? { live: 'Unsure' } : {})],
    ['something hinders it', () => ({ hinders: 'rollout.paused' })],
    ['the spec forbids it, or its step gives it everything', () => ({ isOver: true })],
  ])('never while %s', (_what, at) => expect(beginOf(look(300, at))).toBe(-1));

  test('not by a time that no operator saw', () => {
    const [kept] = look(1, () => ({}));
    expect(nextStandIn(kept, looked(600))?.since).toBeUndefined();
    expect(nextStandIn(kept, looked(31))?.since).toBeDefined();
  });
});

describe('the requests go back', () => {
  const up = () => ({ live: 'Up' as const, wantedPercent: 100 });

  test.each([
    [1, 60],
    [2, 120],
    [4, 480],
    [5, 960],
    [1000, 960],
  ])('the time number %i when it could answer for %i s', (times, seconds) => {
    expect(backSeconds(times)).toBe(seconds);
    expect(endOf(look(seconds + 9, up, { ...stands, times }))).toBe(seconds);
  });

  test.each<[string, (second: number) => Partial<Looked>]>([
    ['the live revision comes and goes', (second) => ({ live: second % 59 === 58 ? 'Down' : 'Up' })],
    ['a gateway pod finds none of it', (second) => ({ live: second % 59 === 58 ? 'Unsure' : 'Up' })],
    ['it is away', () => ({ live: 'Down', hinders: 'it misses gate errors' })],
  ])('never while %s', (_what, at) => expect(endOf(look(900, at, stands))).toBe(-1));

  test('at once where the candidate itself cannot answer', () => {
    expect(endOf(look(9, () => ({ ...up(), canAnswer: false }), stands))).toBe(0);
    expect(endOf(look(9, () => ({ live: 'Down', canAnswer: false }), stands))).toBe(-1);
  });

  test('at once where the spec does not want it any more', () => {
    expect(endOf(look(9, () => ({ isOver: true }), stands))).toBe(0);
  });

  test('to what the step gives, which is known until they have gone', () => {
    const kept = look(70, (second) => ({ live: 'Up', wantedPercent: second < 65 ? 100 : 10 }), stands);
    expect(kept[62]).toMatchObject({ stepPercent: 10 });
    expect(kept[66]).toEqual({ clock: { usedSeconds: 0 }, times: 1 });
  });
});

test('whatever is seen, it begins only after 30 s without a break, and ends only after the wait for its turn', () => {
  const states = fc.array(fc.constantFrom<LiveState>('Down', 'Down', 'Down', 'Up', 'Unsure'), { maxLength: 8 });
  const spans = fc.tuple(states, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 8, maxLength: 8 }));
  fc.assert(
    fc.property(spans, ([order, lengths]) => {
      const live = order.flatMap((state, index) => Array<LiveState>(lengths[index] ?? 1).fill(state));
      const kept = look(live.length, (second) => ({ live: live[second] ?? 'Down' }));
      kept.forEach((each, second) => {
        const before = kept[second - 1];
        const same = (state: LiveState) =>
          live
            .slice(0, second + 1)
            .toReversed()
            .findIndex((other) => other !== state);
        const lasted = (state: LiveState) => (same(state) === -1 ? second : same(state) - 1);
        if (each?.since !== undefined && before?.since === undefined) expect(lasted('Down')).toBeGreaterThanOrEqual(30);
        if (each?.since === undefined && before?.since !== undefined) {
          expect(lasted('Up')).toBeGreaterThanOrEqual(backSeconds(before.times));
        }
        if (isGone(each, live[second] ?? 'Up', start + second * 1000)) expect(live[second]).toBe('Down');
      });
    }),
    { numRuns: 300 },
  );
});
