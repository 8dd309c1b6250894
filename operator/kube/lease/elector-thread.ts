// Runs the elector in a thread of its own, and says from shared memory whether this process leads.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ClusterChoice } from '../access/cluster-access.ts';
import { systemClock } from '../clock.ts';
import { type Instruments, type MetricName, noInstruments } from '../instruments.ts';
import type { LeaderElectorOptions, LeadershipCallbacks } from './lease.ts';
import { checkLeaseTiming, DEFAULT_LEASE_TIMING, type LeaseTiming, stillLeads } from './lease-decision.ts';
import { SharedTenure } from './tenure.ts';

/** Settings of the elector's thread. It opens its own connection to the cluster, so it is told which one. */
export interface ElectorThreadOptions {
  readonly cluster: ClusterChoice;
  readonly userAgent: string;
  readonly fieldManager: string;
  /** `identity` is unique to this process, not only to its pod; `heirOf` as for the elector. */
  readonly lease: Pick<LeaderElectorOptions, 'name' | 'namespace' | 'identity' | 'heirOf'>;
  readonly timing?: LeaseTiming | undefined;
  /** Asked at each heartbeat; false counts as standing still. The event loop itself needs not be asked about. */
  readonly alive?: (() => boolean) | undefined;
  /** Told of each read or write of the lease that failed, for the log. */
  readonly onTrouble?: ((message: string) => void) | undefined;
  readonly instruments?: Instruments | undefined;
}

/** What the thread is given when it starts. */
export type ElectorOrder = Pick<ElectorThreadOptions, 'cluster' | 'userAgent' | 'fieldManager' | 'lease'> & {
  readonly timing: LeaseTiming;
  readonly memory: SharedArrayBuffer;
};

/** What the thread says. Nothing that keeps two processes from acting at once depends on its arrival. */
export type ElectorReport =
  | { readonly type: 'acquired' }
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'trouble'; readonly message: string }
  | {
      readonly type: 'figure';
      readonly call: keyof Instruments;
      readonly name: MetricName;
      readonly value: number;
      readonly labels: Record<string, string> | undefined;
    };

/** The thread's file lies beside this one, as TypeScript in development and bundled in an image. */
const WORKER_FILE = new URL(`./elector-worker${extname(import.meta.url)}`, import.meta.url);

/** Heartbeats in the time after which the work counts as standing still. */
const BEATS = 10;

/** A stop waits no longer for an apiserver that does not take the lease back. */
const RELEASE_MS = 5_000;

/** One candidate for one lease, in a thread of its own. */
export class ElectorThread {
  readonly #options: ElectorThreadOptions;
  readonly #timing: LeaseTiming;
  readonly #instruments: Instruments;
  readonly #tenure = new SharedTenure();

  constructor(options: ElectorThreadOptions) {
    this.#options = options;
    this.#timing = options.timing ?? DEFAULT_LEASE_TIMING;
    this.#instruments = options.instruments ?? noInstruments;
    checkLeaseTiming(this.#timing);
    this.#tenure.hear(systemClock);
  }

  /**
   * Whether this process leads: by the shared note of the last renewal and the clock, so it is right even in the moment
   * after the process was stopped for a while, before any message or timer is served.
   */
  isLeader(): boolean {
    const { renewedMs } = this.#tenure;
    return renewedMs !== undefined && stillLeads(systemClock.monotonicMs() - renewedMs, this.#timing);
  }

  /**
   * How long the lease could not be read or written, in milliseconds. Beyond the length of a lease nobody may lead: a
   * process that looks healthy and never gets to work.
   */
  unheardForMs(): number {
    return this.#tenure.unheardForMs(systemClock);
  }

  /** From now on `isLeader` is false. For a process that is about to end because it does not know its own state. */
  resign(): void {
    this.#tenure.resign();
  }

  /**
   * Competes and renews until leadership is lost or `signal` aborts; then the lease is given back, in at most five
   * seconds. Abort only when nothing acts on leadership any more. A process that has lost leadership must end: it is
   * killed when it has not before another one may lead. It never throws.
   */
  async run(signal: AbortSignal, callbacks: LeadershipCallbacks): Promise<void> {
    const endHeart = this.#startHeart();
    const worker = this.#startWorker();
    const ended = this.#listen(worker, signal, callbacks);
    let forgetLimit = (): void => {};
    const stop = (): void => {
      worker.postMessage('stop');
      forgetLimit = systemClock.after(RELEASE_MS, () => void worker.terminate());
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    await ended;
    signal.removeEventListener('abort', stop);
    forgetLimit();
    endHeart();
    this.resign();
  }

  #startWorker(): Worker {
    const { cluster, userAgent, fieldManager, lease } = this.#options;
    const common = { cluster, userAgent, fieldManager, lease };
    const order: ElectorOrder = { ...common, timing: this.#timing, memory: this.#tenure.memory };
    return new Worker(WORKER_FILE, { workerData: order, name: 'elector' });
  }

  /**
   * Resolves when the lease is lost or the thread has ended. One that ends though nobody asked it to has lost the lease;
   * one that lost it stays, to end the process if that does not end by itself.
   */
  #listen(worker: Worker, signal: AbortSignal, { onAcquired, onLost }: LeadershipCallbacks): Promise<void> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    let hasLost = false;
    const lose = (reason: string): void => {
      if (!hasLost) onLost(reason);
      hasLost = true;
      resolve();
    };
    worker.on('message', (told: ElectorReport) => {
      if (told.type === 'acquired') onAcquired();
      else if (told.type === 'lost') lose(told.reason);
      else if (told.type === 'trouble') this.#options.onTrouble?.(told.message);
      else this.#report(told);
    });
    worker.on('error', (error) => lose(`the elector's thread failed: ${String(error)}`));
    worker.on('exit', (code) => {
      if (!signal.aborted) lose(`the elector's thread ended with code ${code}`);
      resolve();
    });
    return ended;
  }

  #report({ call, name, value, labels }: ElectorReport & { type: 'figure' }): void {
    if (call === 'count') this.#instruments.count(name, labels, value);
    else this.#instruments[call](name, value, labels);
  }

  #startHeart(): () => void {
    const { alive = () => true } = this.#options;
    const beat = (): void => {
      if (alive()) this.#tenure.beat(systemClock);
    };
    this.#tenure.beat(systemClock);
    const heart = setInterval(beat, (this.#timing.renewSeconds * 1000) / 2 / BEATS);
    return () => clearInterval(heart);
  }
}
