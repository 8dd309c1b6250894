// Notices that a watch has gone deaf.
import type { Clock } from '../clock.ts';

/** Aborts `signal` when no byte came for `ms`: the other end of a half-open connection says nothing, not even goodbye. */
export class Silence {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #outer: AbortSignal;
  readonly #onAbort = (): void => this.#controller.abort();
  #cancel: () => void;
  /** True once it was silence that ended the watch. */
  lasted = false;

  constructor(clock: Clock, ms: number, outer: AbortSignal) {
    this.#clock = clock;
    this.#ms = ms;
    this.#outer = outer;
    if (outer.aborted) this.#controller.abort();
    outer.addEventListener('abort', this.#onAbort);
    this.#cancel = this.#arm();
  }

  /** Aborts after the silence, or with the outer signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A byte came. */
  broken(): void {
    this.#cancel();
    this.#cancel = this.#arm();
  }

  /** Takes back timer and listener. */
  release(): void {
    this.#cancel();
    this.#outer.removeEventListener('abort', this.#onAbort);
  }

  #arm(): () => void {
    return this.#clock.after(this.#ms, () => {
      this.lasted = true;
      this.#controller.abort();
    });
  }
}
