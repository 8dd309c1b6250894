// The last seconds of traffic, for the guardrail: what was counted since a mark. Totals are kept anyway, so two marks
// suffice, and whoever looks again later, or anew after a restart, sees the same.
import type { Proportion } from '@sluice/statistics/interval.ts';
import type { Instant } from '../plan.ts';
import { type Counts, errorsOf } from './traffic.ts';

/** Totals of a step as they stood at a moment. */
export type Mark = { readonly at: Instant; readonly candidate: Proportion; readonly stable: Proportion };

type Totals = Readonly<Record<'candidate' | 'stable', Counts>>;

/**
 * How far marks are apart, at least: what the guardrail judges came within this time and twice this time. A mark must be
 * kept, so this is also how often a status is written while requests are counted and nothing else happens.
 */
export const markMilliseconds = 5000;

/** Begins the marks of a step. */
export const firstMark = (at: Instant): Mark => markOf({ candidate: nothing, stable: nothing }, at);

/**
 * A new mark beside the newest, when that is old enough and something was counted since; else the marks as they are. One
 * that is yet to come was set by an operator whose clock is ahead: it would hold up all others.
 * @param counted just now, and in the totals already: a request that was refused with 429 is in no mark.
 */
export function nextMarks(
  marks: readonly Mark[],
  { totals, counted }: { readonly totals: Totals; readonly counted: Totals },
  now: Instant,
): readonly Mark[] {
  const newest = marks.at(-1);
  if (newest === undefined) return [markOf(totals, now)];
  const { candidate, stable } = since(newest, totals);
  const isQuiet = candidate.trials + stable.trials + counted.candidate.requests + counted.stable.requests === 0;
  const isFresh = newest.at <= now && now - newest.at < markMilliseconds;
  return isQuiet || isFresh ? marks : [newest, markOf(totals, now)];
}

/** Both revisions over the last 5 to 10 seconds. @param totals of the step that goes on. */
export function recentTraffic(
  marks: readonly Mark[],
  totals: Totals | undefined,
  now: Instant,
): Record<'candidate' | 'stable', Proportion> {
  const mark = marks.findLast(({ at }) => now - at >= markMilliseconds) ?? marks[0];
  return mark && totals ? since(mark, totals) : { candidate: none, stable: none };
}

const nothing = { requests: 0, errors: 0 };
const none: Proportion = { successes: 0, trials: 0 };

const markOf = ({ candidate, stable }: Totals, at: Instant): Mark => ({
  at,
  candidate: errorsOf(candidate),
  stable: errorsOf(stable),
});

const since = (mark: Mark, { candidate, stable }: Totals) => ({
  candidate: difference(errorsOf(candidate), mark.candidate),
  stable: difference(errorsOf(stable), mark.stable),
});

/** Counters are read one after the other, so that a total may fall back by what was in flight. */
const difference = (now: Proportion, before: Proportion): Proportion => ({
  successes: Math.max(0, now.successes - before.successes),
  trials: Math.max(0, now.trials - before.trials),
});
