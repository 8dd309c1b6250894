// Decides when the routing table of a namespace may be written: at once after a quiet moment, else so long after the last
// time. In a namespace of many rollouts that keeps together what changes together: a write concerns every gateway pod.
import { type Clock, systemClock } from '../kube/clock.ts';

/** Between two writes of one table. */
export const tableEveryMs = 400;

export class TablePace {
  readonly #clock: Clock;
  readonly #wroteMs = new Map<string, number>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Milliseconds until the table of the namespace may be written; 0: now. */
  waitMs(namespace: string): number {
    const wroteMs = this.#wroteMs.get(namespace) ?? Number.NEGATIVE_INFINITY;
    return Math.max(0, wroteMs + tableEveryMs - this.#clock.monotonicMs());
  }

  /** It is written now. */
  note(namespace: string): void {
    this.#wroteMs.set(namespace, this.#clock.monotonicMs());
  }

  /** The namespace has no table any more. */
  forget(namespace: string): void {
    this.#wroteMs.delete(namespace);
  }
}
