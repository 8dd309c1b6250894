// A clock that stands still until somebody waits, and then jumps.
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

/** Waits of `patience` milliseconds or more never end by themselves: those are deadlines, not pauses. */
export class VirtualClock implements Clock {
  readonly waits: number[] = [];
  readonly #patience: number;
  #now = 0;

  constructor(patience = 60_000) {
    this.#patience = patience;
  }

  now(): number {
    return this.#now;
  }

  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (milliseconds >= this.#patience) {
      if (!signal.aborted) await once(signal, 'abort');
      throw signal.reason;
    }
    const end = this.#now + milliseconds;
    this.waits.push(milliseconds);
    await nextTurn(undefined, { signal });
    this.#now = Math.max(this.#now, end);
  }
}
