// Decides when the next request may go out: evenly spaced, never two in one interval, however many wait.
import type { Clock } from './clock.ts';

/** Resolves when it is the caller's turn. */
export type Pacer = (signal: AbortSignal) => Promise<void>;

/** A pacer of at most `perSecond` turns a second. Time in which nobody came is not made up for. */
export function makePacer(perSecond: number, clock: Clock): Pacer {
  const interval = 1000 / perSecond;
  let nextTurn = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    const now = clock.now();
    const turn = Math.max(now, nextTurn);
    nextTurn = turn + interval;
    if (turn > now) await clock.wait(turn - now, signal);
  };
}
