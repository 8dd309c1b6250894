// Hands keys to workers: each key once however often it was added, to one worker at a time, namespaces in turn, none lost.

import { type Clock, systemClock } from '../clock.ts';
import { type Instruments, noInstruments } from '../instruments.ts';
import { itemBackoffMs } from './backoff.ts';
import { FairLine } from './fair-line.ts';
import { FairPace } from './fair-pace.ts';

/** Settings of a queue; `retries` is the budget that all failing keys share: 10 a second, 100 at once when absent. */
export interface WorkQueueOptions {
  /** Label of its metrics. */
  readonly name: string;
  readonly retries?: { readonly perSecond: number; readonly burst: number } | undefined;
  readonly clock?: Clock | undefined;
  readonly instruments?: Instruments | undefined;
}

/** No key sleeps for longer than a day. */
const LONGEST_DELAY_MS = 86_400_000;

interface Delayed {
  readonly dueMs: number;
  readonly cancel: () => void;
}

/**
 * client-go's rate-limited work queue, but fair: of the namespaces that have ready keys each gets a worker in turn, so
 * 10,000 keys of one delay a key of another by one turn. A key is ready, taken, both (added again while taken: it comes
 * back when the worker is done), or neither.
 */
export class WorkQueue {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #instruments: Instruments;
  readonly #retries: FairPace;
  /** Since when each key is ready, the oldest first. */
  readonly #ready = new Map<string, number>();
  readonly #line = new FairLine();
  readonly #taken = new Set<string>();
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  readonly #waiting: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    this.#name = options.name;
    this.#clock = options.clock ?? systemClock;
    this.#instruments = options.instruments ?? noInstruments;
    const pace = options.retries ?? { perSecond: 10, burst: 100 };
    this.#retries = new FairPace({ ...pace, clock: this.#clock, onTurn: (key) => this.add(key) });
  }

  /** Keys that a worker could take now. */
  get depth(): number {
    return this.#ready.size;
  }

  /** How long the key that has been ready for longest waits already, in milliseconds; 0 when none is ready. */
  get longestWaitMs(): number {
    const [sinceMs] = this.#ready.values();
    return sinceMs === undefined ? 0 : this.#clock.monotonicMs() - sinceMs;
  }

  /** Makes a key ready now. */
  add(key: string): void {
    if (this.#closed) return;
    this.#retries.leave(key);
    if (this.#taken.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    this.#ready.set(key, this.#clock.monotonicMs());
    this.#line.join(key);
    this.#instruments.count('workqueue_adds_total', { name: this.#name });
    this.#hand();
  }

  /** Makes a key ready in `delayMs`, a day at most; of several such wishes for a key the earliest counts. */
  addAfter(key: string, wishedMs: number): void {
    if (this.#closed) return;
    // What is no number would be due at once, again and again.
    const delayMs = wishedMs <= LONGEST_DELAY_MS ? wishedMs : LONGEST_DELAY_MS;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    this.#delay(key, delayMs, () => this.add(key));
  }

  /**
   * Makes a key ready after the back-off of its failures in a row, not before `minimumMs`, and within the budget of
   * retries that all keys share, in fair turns.
   */
  addAfterFailure(key: string, minimumMs = 0): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#instruments.count('workqueue_retries_total', { name: this.#name });
    if (!this.#closed) this.#delay(key, Math.max(minimumMs, itemBackoffMs(failures)), () => this.#retries.join(key));
  }

  /** Ends a key's row of failures. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Resolves to the next key, which is the caller's until `done`; undefined once the queue is closed. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#hand();
    });
  }

  /** Gives a key back; if it was added meanwhile it is ready again. */
  done(key: string): void {
    this.#taken.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** Takes and hands out nothing any more; workers that wait get undefined. */
  close(): void {
    this.#closed = true;
    for (const delayed of this.#delayed.values()) delayed.cancel();
    this.#delayed.clear();
    this.#retries.close();
    for (const key of this.#ready.keys()) this.#line.leave(key);
    this.#ready.clear();
    this.#again.clear();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    this.#reportDepth();
  }

  /** Calls `then` after the delay, unless something earlier was wished for the key. */
  #delay(key: string, delayMs: number, then: () => void): void {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    const known = this.#delayed.get(key);
    if (known !== undefined && known.dueMs <= dueMs) return;
    known?.cancel();
    const cancel = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key);
      then();
    });
    this.#delayed.set(key, { dueMs, cancel });
  }

  #hand(): void {
    while (this.#waiting.length > 0) {
      const key = this.#line.next();
      if (key === undefined) break;
      const nowMs = this.#clock.monotonicMs();
      const seconds = (nowMs - (this.#ready.get(key) ?? nowMs)) / 1000;
      this.#ready.delete(key);
      this.#taken.add(key);
      this.#instruments.observe('workqueue_queue_duration_seconds', seconds, { name: this.#name });
      this.#waiting.shift()?.(key);
    }
    this.#reportDepth();
  }

  #reportDepth(): void {
    this.#instruments.gauge('workqueue_depth', this.#ready.size, { name: this.#name });
  }
}
