// One seat of the pool: keeps a worker thread in it and replaces one that dies, after a delay that grows while none lasts.
import type { Worker } from 'node:worker_threads';
import type { BundleRejection } from '@sluice/crds/contract.ts';
import type { Signature, WorkerMessage } from './messages.ts';

const firstDelay = 100;
const longestDelay = 10_000;
/** Losses in a row, none of them after an answer, from which on a seat counts as dead. */
const lossesUntilDead = 3;

/** The part of a worker's messages that answers a task. */
export type WorkerAnswer = Extract<WorkerMessage, { type: 'Done' | 'Failed' }>;

/** What the pool wants to hear. */
export type SeatListener = {
  /** A worker loaded the model. */
  ready(signature: Signature): void;
  /** A worker refused the bundle; it ends and another will try. */
  refused(rejection: BundleRejection): void;
  answered(answer: WorkerAnswer): void;
  /** The thread ended without being told to; a task it had is lost. */
  lost(reason: string): void;
};

/** Milliseconds until the next worker starts after `losses` in a row. */
export function restartDelay(losses: number): number {
  return Math.min(longestDelay, firstDelay * 2 ** Math.max(0, losses - 1));
}

export class Seat {
  #spawn: () => Worker;
  #listener: SeatListener;
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isReady = false;
  #isClosed = false;
  #losses = 0;
  #lastError = '';

  constructor(spawn: () => Worker, listener: SeatListener) {
    this.#spawn = spawn;
    this.#listener = listener;
  }

  /** A worker with a loaded model sits here. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Worker after worker was lost, and none sits here now. */
  get isDead(): boolean {
    return !this.#isReady && this.#losses >= lossesUntilDead;
  }

  start(): void {
    const worker = this.#spawn();
    this.#worker = worker;
    this.#lastError = '';
    worker.on('message', (message: WorkerMessage) => this.#hear(message));
    worker.on('error', (error: Error) => {
      this.#lastError = error.message;
    });
    worker.on('exit', (code) => this.#leave(code));
  }

  /** Gives the worker a task. The seat must be ready and without one. */
  post(task: unknown, transfer: ArrayBuffer[]): void {
    this.#worker?.postMessage(task, transfer);
  }

  /** Ends a worker that takes too long; it gets no further task, `lost` follows, then a new worker. */
  replace(): void {
    this.#isReady = false;
    void this.#worker?.terminate();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isReady = false;
    clearTimeout(this.#timer);
    await this.#worker?.terminate();
  }

  #hear(message: WorkerMessage): void {
    if (message.type === 'Ready') {
      this.#isReady = true;
      this.#listener.ready(message.signature);
    } else if (message.type === 'Refused') {
      this.#lastError = message.rejection.message;
      this.#listener.refused(message.rejection);
    } else {
      this.#losses = 0;
      this.#listener.answered(message);
    }
  }

  #leave(code: number): void {
    this.#worker = undefined;
    this.#isReady = false;
    if (this.#isClosed) return;
    this.#losses += 1;
    this.#timer = setTimeout(() => this.start(), restartDelay(this.#losses));
    this.#listener.lost(this.#lastError || `exit code ${code}`);
  }
}
