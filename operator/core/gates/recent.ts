// The last seconds of traffic, for the guardrail: two slots that take turns, so that little is kept.
import type { Proportion } from '@sluice/statistics/interval.ts';
import type { Instant } from '../plan.ts';
import { errorsOf, type RequestTotals } from './traffic.ts';

/** Errors among the requests of a few seconds. */
export type Recent = { readonly from: Instant; readonly candidate: Proportion; readonly stable: Proportion };

const slotMilliseconds = 5000;

/** Adds what was counted just now; slots that began more than two lengths ago are gone. */
export function foldRecent(
  slots: readonly Recent[],
  counted: { candidate: RequestTotals; stable: RequestTotals },
  now: Instant,
): Recent[] {
  const from = Math.floor(now / slotMilliseconds) * slotMilliseconds;
  const kept = slots.filter((slot) => slot.from === from - slotMilliseconds);
  const open = slots.find((slot) => slot.from === from);
  const fresh = { candidate: errorsOf(counted.candidate), stable: errorsOf(counted.stable) };
  return [...kept, { from, candidate: sum(open?.candidate, fresh.candidate), stable: sum(open?.stable, fresh.stable) }];
}

/** Both revisions over the last 5 to 10 seconds. */
export function recentTraffic(slots: readonly Recent[], now: Instant): { candidate: Proportion; stable: Proportion } {
  const fresh = slots.filter(({ from }) => now - from < 2 * slotMilliseconds);
  const total = (side: 'candidate' | 'stable') =>
    fresh.reduce((all, slot) => sum(all, slot[side]), { successes: 0, trials: 0 });
  return { candidate: total('candidate'), stable: total('stable') };
}

const sum = (first: Proportion | undefined, second: Proportion): Proportion => ({
  successes: (first?.successes ?? 0) + second.successes,
  trials: (first?.trials ?? 0) + second.trials,
});
