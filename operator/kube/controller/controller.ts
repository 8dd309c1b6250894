// Runs reconciles: caches wake keys, workers take them one at a time, and what a reconcile throws decides when it is tried again.
import { type Clock, nextTurn, systemClock } from '../clock.ts';
import { ApiError, FencedError, isConflict, NetworkError, retryAfterMs, ShapeError } from '../errors.ts';
import { type Instruments, noInstruments } from '../instruments.ts';
import type { Waker, Watch } from './watches.ts';
import { WorkQueue } from './work-queue.ts';

/** What a reconcile may ask for when it ends well. */
export interface Result {
  /** Reconcile the key again after this many milliseconds, even if nothing changes. */
  readonly requeueAfterMs?: number | undefined;
}

/** A reconcile that did not end well, for the log. A conflict is no failure: the cache was behind. */
export interface Failure {
  readonly key: string;
  readonly kind: 'error' | 'conflict' | 'timeout';
  readonly error: unknown;
}

/** One kind's controller. */
export interface ControllerOptions {
  /** Label of its metrics. */
  readonly name: string;
  readonly watches: readonly Watch[];
  /** Brings the world of one key nearer to what is wanted; must end soon after `signal` aborts. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<Result | undefined>;
  /** Reconciles under way at once, 4 when absent. */
  readonly workers?: number | undefined;
  /** A reconcile is aborted after this many milliseconds, 60,000 when absent. */
  readonly deadlineMs?: number | undefined;
  /** After the stop, running reconciles have this long before they are aborted; 1,000 ms when absent: others wait. */
  readonly drainMs?: number | undefined;
  readonly onFailure?: ((failure: Failure) => void) | undefined;
  readonly clock?: Clock | undefined;
  readonly instruments?: Instruments | undefined;
}

/** How one reconcile ended. */
type Outcome =
  | { readonly how: 'success'; readonly requeueAfterMs: number | undefined }
  | { readonly how: Failure['kind']; readonly error: unknown };

/** Workers over a queue of keys. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #instruments: Instruments;
  readonly #queue: WorkQueue;
  readonly #running = new Map<AbortController, Promise<void>>();
  #cancelDrain = (): void => {};
  /** When a worker took a key last, or could first have taken one; absent until all caches are there. */
  #takenAtMs: number | undefined;

  constructor(options: ControllerOptions) {
    const { name, clock = systemClock, instruments = noInstruments } = options;
    this.#options = options;
    this.#clock = clock;
    this.#instruments = instruments;
    this.#queue = new WorkQueue({ name, clock, instruments });
  }

  /**
   * How long a key has been ready while no worker took any: beyond the deadline of a reconcile the workers are stuck. A
   * long queue that moves is none, nor are keys that wait for the first list of a cache: an apiserver that is slow, or
   * refuses one kind, must not make the process look dead.
   */
  stuckForMs(): number {
    if (this.#takenAtMs === undefined) return 0;
    return Math.min(this.#queue.longestWaitMs, this.#clock.monotonicMs() - this.#takenAtMs);
  }

  /** Asks for a reconcile of `key`, now or later. */
  enqueue(key: string, afterMs = 0): void {
    this.#queue.addAfter(key, afterMs);
  }

  /** Works until `signal` aborts; resolves when no reconcile is under way any more. It never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { name, watches, workers = 4 } = this.#options;
    const waker: Waker = { wake: (key) => this.#queue.add(key), failed: this.#mapperFailed };
    const ends = watches.map((each) => each.begin(waker));
    await Promise.all(watches.map((each) => each.synced(signal)));
    this.#takenAtMs = this.#clock.monotonicMs();
    this.#instruments.gauge('max_concurrent_reconciles', workers, { controller: name });
    const stop = (): void => this.#stop();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    await Promise.all([this.#wakeAll(waker, signal), ...Array.from({ length: workers }, () => this.#work())]);
    await Promise.all(this.#running.values());
    signal.removeEventListener('abort', stop);
    this.#cancelDrain();
    for (const end of ends) end();
  }

  async #wakeAll(waker: Waker, signal: AbortSignal): Promise<void> {
    for (const each of this.#options.watches) await each.wakeAll(waker, signal);
  }

  readonly #mapperFailed = (error: unknown): void => {
    this.#instruments.count('mapper_errors_total', { controller: this.#options.name });
    this.#options.onFailure?.({ key: '', kind: 'error', error });
  };

  /** Between two keys the event loop turns: reconciles that find nothing to do would otherwise hold it without an end. */
  async #work(): Promise<void> {
    for (let key = await this.#queue.take(); key !== undefined; key = await this.#queue.take()) {
      this.#takenAtMs = this.#clock.monotonicMs();
      await this.#process(key);
      await nextTurn();
    }
  }

  /**
   * Reconciles one key until it ends or its deadline passes. One that goes on after its deadline loses its worker but
   * keeps its key, so that the others go on and nothing works on the key twice.
   */
  async #process(key: string): Promise<void> {
    const abort = new AbortController();
    const deadline = this.#startDeadline(abort);
    const settled = this.#attempt(key, abort.signal).then(() => {
      deadline.withdraw();
      this.#running.delete(abort);
      this.#reportActive();
    });
    this.#running.set(abort, settled);
    this.#reportActive();
    await Promise.race([settled, deadline.passed]);
  }

  #startDeadline(abort: AbortController): { readonly passed: Promise<void>; readonly withdraw: () => void } {
    const { name, deadlineMs = 60_000 } = this.#options;
    const { promise: passed, resolve } = Promise.withResolvers<void>();
    const withdraw = this.#clock.after(deadlineMs, () => {
      this.#instruments.count('reconcile_timeouts_total', { controller: name });
      abort.abort();
      resolve();
    });
    return { passed, withdraw };
  }

  async #attempt(key: string, signal: AbortSignal): Promise<void> {
    const startedMs = this.#clock.monotonicMs();
    const outcome = await this.#contain(key, signal);
    const seconds = (this.#clock.monotonicMs() - startedMs) / 1000;
    this.#instruments.observe('reconcile_time_seconds', seconds, { controller: this.#options.name });
    this.#requeue(key, outcome);
    this.#queue.done(key);
  }

  async #contain(key: string, signal: AbortSignal): Promise<Outcome> {
    try {
      const result = await this.#options.reconcile(key, signal);
      return { how: 'success', requeueAfterMs: result?.requeueAfterMs };
    } catch (error) {
      if (signal.aborted) return { how: 'timeout', error };
      return { how: isConflict(error) ? 'conflict' : 'error', error };
    }
  }

  #requeue(key: string, outcome: Outcome): void {
    const controller = this.#options.name;
    if (outcome.how === 'success') {
      const { requeueAfterMs } = outcome;
      const result = requeueAfterMs === undefined ? 'success' : 'requeue_after';
      this.#instruments.count('reconcile_total', { controller, result });
      this.#queue.forget(key);
      if (requeueAfterMs !== undefined) this.#queue.addAfter(key, requeueAfterMs);
      return;
    }
    const { how: kind, error } = outcome;
    this.#instruments.count('reconcile_total', { controller, result: kind === 'conflict' ? 'requeue' : 'error' });
    if (kind !== 'conflict') this.#instruments.count('reconcile_errors_total', { controller });
    if (!isOfThisWorld(error)) this.#instruments.count('reconcile_panics_total', { controller });
    this.#queue.addAfterFailure(key, retryAfterMs(error));
    this.#options.onFailure?.({ key, kind, error });
  }

  /** Takes no more keys; what still runs after the drain time is aborted. */
  #stop(): void {
    const { drainMs = 1_000 } = this.#options;
    this.#queue.close();
    this.#cancelDrain = this.#clock.after(drainMs, () => {
      for (const abort of this.#running.keys()) abort.abort();
    });
  }

  #reportActive(): void {
    this.#instruments.gauge('active_workers', this.#running.size, { controller: this.#options.name });
  }
}

/** True for what an apiserver or the way to it can cause; anything else is a bug in the reconcile. */
function isOfThisWorld(error: unknown): boolean {
  return [ApiError, NetworkError, FencedError, ShapeError].some((known) => error instanceof known);
}
