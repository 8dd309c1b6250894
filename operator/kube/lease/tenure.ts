// Where an elector notes its last renewal, so that who shares the note can say whether the process leads.
import type { Clock } from '../clock.ts';

/** The moment at which the last successful renewal was sent, by the monotonic clock; undefined when not leading. */
export interface Tenure {
  renewedMs: number | undefined;
}

const RENEWED = 0;
const BEAT = 1;
const RESIGNED = 2;
const HEARD = 3;

/**
 * A tenure in memory that two threads share: the elector's thread notes renewals, the other one its heartbeats. Who
 * reads it needs no message from the other thread, so it is right however late messages are.
 */
export class SharedTenure implements Tenure {
  readonly memory: SharedArrayBuffer;
  readonly #microseconds: BigInt64Array;

  /** Shares `memory`, which another thread's `SharedTenure` gave; a new one when absent. */
  constructor(memory = new SharedArrayBuffer(4 * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#microseconds = new BigInt64Array(memory);
  }

  get renewedMs(): number | undefined {
    if (Atomics.load(this.#microseconds, RESIGNED) !== 0n) return undefined;
    const at = Atomics.load(this.#microseconds, RENEWED);
    return at === 0n ? undefined : Number(at) / 1000;
  }

  set renewedMs(atMs: number | undefined) {
    Atomics.store(this.#microseconds, RENEWED, atMs === undefined ? 0n : BigInt(Math.floor(atMs * 1000)));
  }

  /** Notes that the thread that does the work goes on. */
  beat(clock: Clock): void {
    Atomics.store(this.#microseconds, BEAT, BigInt(Math.floor(clock.monotonicMs() * 1000)));
  }

  /** Milliseconds since the last beat. */
  stillForMs(clock: Clock): number {
    return clock.monotonicMs() - Number(Atomics.load(this.#microseconds, BEAT)) / 1000;
  }

  /** Notes that the lease was read, and written if that was due. */
  hear(clock: Clock): void {
    Atomics.store(this.#microseconds, HEARD, BigInt(Math.floor(clock.monotonicMs() * 1000)));
  }

  /** Milliseconds since `hear`. */
  unheardForMs(clock: Clock): number {
    return clock.monotonicMs() - Number(Atomics.load(this.#microseconds, HEARD)) / 1000;
  }

  /** Ends leadership for good, whatever is renewed later. */
  resign(): void {
    Atomics.store(this.#microseconds, RESIGNED, 1n);
  }
}
