// How often the operator writes statuses that can wait, above all numbers that move all the time: so many a second over
// all objects, each in its turn.

import { type Clock, systemClock } from '../kube/clock.ts';
import { TokenBucket } from '../kube/controller/backoff.ts';
import { FairLine } from '../kube/controller/fair-line.ts';
import { noInstruments } from '../kube/instruments.ts';
import type { ProcessInstruments } from './metrics.ts';

/**
 * Together fewer than 20 in any second, however many objects there are: what a second brings, what was saved, and turns
 * that were given before and not yet used.
 */
const limits = { perSecond: 14, burst: 2 };
/** A turn that is not used for so long goes to others: the round of its key fails, or the queue before it is long. */
const turnMs = 5_000;

export type StatusBudgetOptions = {
  /** The key that waited may write now: it is to be looked at again, and then writes what is newest. */
  readonly onTurn: (key: string) => void;
  readonly clock?: Clock | undefined;
  readonly instruments?: Pick<ProcessInstruments, 'gauge'> | undefined;
};

/**
 * A token bucket with a fair line before it. Nobody overtakes: a key that may not write at once stands in line, and is
 * told when it may. Of `n` keys that always have something to say each writes every `n / 14` seconds.
 */
export class StatusBudget {
  readonly #onTurn: (key: string) => void;
  readonly #clock: Clock;
  readonly #report: (waiting: number) => void;
  readonly #bucket = new TokenBucket(limits);
  readonly #line = new FairLine();
  /** Keys that have a turn, and since when. */
  readonly #granted = new Map<string, number>();
  #cancel: (() => void) | undefined;

  constructor({ onTurn, clock = systemClock, instruments = noInstruments }: StatusBudgetOptions) {
    this.#report = (waiting) => instruments.gauge('status_waiting', waiting);
    this.#onTurn = onTurn;
    this.#clock = clock;
  }

  /** Keys that have something to write and may not yet. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Whether the key has something to write and may not yet: what else it has to say can come with it. */
  isWaiting(key: string): boolean {
    return this.#line.has(key);
  }

  /** Whether `key` may write now, once. If not, it stands in line. */
  mayWrite(key: string): boolean {
    if (this.#granted.delete(key)) return true;
    if (this.#line.size === 0 && this.#cancel === undefined && this.#bucket.tryTake(this.#clock.monotonicMs())) {
      return true;
    }
    this.#line.join(key);
    this.#report(this.waiting);
    this.#serve();
    return false;
  }

  /** The key has nothing to write any more: it wrote all with a transition, or is gone. */
  leave(key: string): void {
    this.#line.leave(key);
    this.#report(this.waiting);
    this.#granted.delete(key);
  }

  /** Nobody is told any more. */
  close(): void {
    this.#cancel?.();
    this.#cancel = () => {};
  }

  /** Reserves the next token for whoever is first in line when it comes; while turns are not used it is given up. */
  #serve(): void {
    if (this.#cancel !== undefined) return;
    const waitMs = this.#bucket.reserve(this.#clock.monotonicMs());
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#cancel = undefined;
      this.#takeBackUnused();
      const key = this.#granted.size < limits.burst ? this.#line.next() : undefined;
      this.#report(this.waiting);
      if (this.#line.size > 0) this.#serve();
      if (key === undefined) return;
      this.#granted.set(key, this.#clock.monotonicMs());
      this.#onTurn(key);
    });
  }

  #takeBackUnused(): void {
    const oldestMs = this.#clock.monotonicMs() - turnMs;
    for (const [key, sinceMs] of this.#granted) {
      if (sinceMs < oldestMs) this.#granted.delete(key);
    }
  }
}
