// How long to wait after the n-th failure in a row, and how often a process may retry at all.

/** Bounds of an exponential back-off, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
  readonly factor: number;
  /** Each delay is multiplied by a number between 1 and 1 + jitter. */
  readonly jitter: number;
  /** A pause this long since the last failure starts over at `firstMs`. */
  readonly resetMs: number;
}

/** client-go's reflector: 0.8 s doubling to 30 s, full jitter, forgotten after two quiet minutes. */
export const REFLECTOR_BACKOFF: BackoffBounds = {
  firstMs: 800,
  longestMs: 30_000,
  factor: 2,
  jitter: 1,
  resetMs: 120_000,
};

/** Counts failures in a row and says how long to wait after each. */
export class Backoff {
  readonly #bounds: BackoffBounds;
  #failures = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(bounds: BackoffBounds) {
    this.#bounds = bounds;
  }

  /** The delay after a failure at `nowMs`; `random` is uniform in [0, 1). */
  next(nowMs: number, random: number): number {
    const { firstMs, longestMs, factor, jitter, resetMs } = this.#bounds;
    if (nowMs - this.#lastMs > resetMs) this.#failures = 0;
    const delayMs = Math.min(longestMs, firstMs * factor ** this.#failures) * (1 + jitter * random);
    this.#failures += 1;
    this.#lastMs = nowMs + delayMs;
    return delayMs;
  }
}

/** client-go's work queue: 5 ms doubling to 1,000 s for each failure in a row of one item. */
export function itemBackoffMs(failures: number): number {
  return Math.min(1_000_000, 5 * 2 ** Math.min(failures, 30));
}

/** A budget of `burst` at once, refilled with `perSecond`; it may be overdrawn, then the taker has to wait. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number | undefined;

  constructor(limits: { readonly perSecond: number; readonly burst: number }) {
    this.#perSecond = limits.perSecond;
    this.#burst = limits.burst;
    this.#tokens = limits.burst;
  }

  /** Takes one token and returns how long to wait for it, in milliseconds. */
  reserve(nowMs: number): number {
    this.#refill(nowMs);
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }

  /** Takes one token if there is one. */
  tryTake(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #refill(nowMs: number): void {
    const elapsedMs = nowMs - (this.#atMs ?? nowMs);
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsedMs / 1000) * this.#perSecond);
    this.#atMs = nowMs;
  }
}
