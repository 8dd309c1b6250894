// Lets keys through at a pace that all of them share, in fair turns: who fails often delays only himself.

import type { Clock } from '../clock.ts';
import { TokenBucket } from './backoff.ts';
import { FairLine } from './fair-line.ts';

/** How fast, and who is told of a key whose turn it is. */
export interface FairPaceOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly clock: Clock;
  readonly onTurn: (key: string) => void;
}

/** A token bucket with a fair line before it. */
export class FairPace {
  readonly #options: FairPaceOptions;
  readonly #bucket: TokenBucket;
  readonly #line = new FairLine();
  #cancel: (() => void) | undefined;

  constructor(options: FairPaceOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options);
  }

  /** Lets `key` through: now, or when it is its turn. */
  join(key: string): void {
    this.#line.join(key);
    if (this.#cancel === undefined) this.#serve();
  }

  /** The key waits no longer. */
  leave(key: string): void {
    this.#line.leave(key);
  }

  /** Nobody is let through any more. */
  close(): void {
    this.#cancel?.();
    this.#cancel = () => {};
  }

  /** Lets through whom the bucket has tokens for, then waits for the next token. */
  #serve(): void {
    const { clock, onTurn } = this.#options;
    while (this.#line.size > 0) {
      const waitMs = this.#bucket.reserve(clock.monotonicMs());
      if (waitMs > 0) {
        this.#cancel = clock.after(waitMs, () => this.#servePaid());
        return;
      }
      const key = this.#line.next();
      if (key !== undefined) onTurn(key);
    }
  }

  /** The token that was waited for is there. */
  #servePaid(): void {
    this.#cancel = undefined;
    const key = this.#line.next();
    if (key !== undefined) this.#options.onTurn(key);
    this.#serve();
  }
}
