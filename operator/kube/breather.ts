// Lets the event loop turn in the middle of long work, so that leases, probes and other requests are not held up.
import { type Clock, nextTurn, systemClock } from './clock.ts';

/** Work goes on for so long at a time; parsing a page of a list takes about as long. */
const HELD_MS = 10;

/** Used within one piece of work: `if (breather.isDue()) await breather.breathe()`. */
export class Breather {
  readonly #clock: Clock;
  #sinceMs: number;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** True when the loop has been held for long enough. */
  isDue(): boolean {
    return this.#clock.monotonicMs() - this.#sinceMs >= HELD_MS;
  }

  /** Lets everything else that is ready run. */
  async breathe(): Promise<void> {
    await nextTurn();
    this.#sinceMs = this.#clock.monotonicMs();
  }
}
