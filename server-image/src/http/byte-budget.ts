// Bounds the memory that all requests together may hold: the queue alone bounds their number, not their size.

/** Requests of the largest size that may be in flight at once. */
const largestRequestsAtOnce = 4;

export class ByteBudget {
  #free: number;

  /** `maxRequestBytes` is the limit of a single request. */
  constructor(maxRequestBytes: number) {
    this.#free = largestRequestsAtOnce * maxRequestBytes;
  }

  /** Takes `bytes` out of the budget; false, and nothing taken, when there are not so many. */
  take(bytes: number): boolean {
    if (bytes > this.#free) return false;
    this.#free -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#free += bytes;
  }
}
