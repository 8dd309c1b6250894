// Time as the evaluator sees it: handed in, so that a test can run it as fast as it likes.
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export type Clock = {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Resolves after so many milliseconds; rejects when `signal` is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  wait: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
};
