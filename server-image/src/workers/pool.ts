// The worker pool: hands tasks to idle workers in order of arrival, bounds the queue and the time of each task.
// Not piscina (5.3.2): it never starts a worker again once one has failed while loading, and tells neither which worker is
// ready nor why one could not load; both decide here whether the pod is ready, alive, or must end with a reason.
import type { Worker } from 'node:worker_threads';
import type { BundleRejection } from '@sluice/crds/contract.ts';
import type { PredictTask, Signature } from './messages.ts';
import { PoolError } from './pool-error.ts';
import { Seat, type WorkerAnswer } from './seat.ts';

export type PoolOptions = {
  readonly size: number;
  /** Tasks that may wait; those that run do not count. */
  readonly queueSize: number;
  /** A task that has waited and run for longer fails; when it was running, its worker is replaced. */
  readonly timeoutMilliseconds: number;
  spawn(): Worker;
  /** A worker died, or was replaced because a task took too long. */
  onLost(reason: string): void;
};

/** A worker's answer with the time its task waited in the queue. */
export type PoolAnswer = { readonly answer: WorkerAnswer; readonly waitMilliseconds: number };

export type Submission = {
  /** Rejects with PoolError. */
  readonly result: Promise<PoolAnswer>;
  /** Takes a waiting task out of the queue. One that runs goes on: stopping it would cost a worker. */
  cancel(): void;
};

type Job = {
  readonly task: PredictTask;
  readonly submittedAt: number;
  waitMilliseconds: number;
  timer: NodeJS.Timeout | undefined;
  resolve(answer: PoolAnswer): void;
  reject(error: PoolError): void;
};

/** The first worker's refusal, from `start`. */
export class BundleRefusedError extends Error {
  readonly rejection: BundleRejection;

  constructor(rejection: BundleRejection) {
    super(rejection.message);
    this.name = 'BundleRefusedError';
    this.rejection = rejection;
  }
}

export class WorkerPool {
  #options: PoolOptions;
  #seats: Seat[];
  #running = new Map<Seat, Job>();
  #queue = new Set<Job>();
  #isClosed = false;
  #starting: PromiseWithResolvers<Signature> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#seats = Array.from({ length: options.size }, () => this.#makeSeat());
  }

  /**
   * Settles when every worker has loaded and warmed the model, with the model's signature. Rejects with
   * BundleRefusedError when one refuses the bundle, with Error when one dies before.
   */
  start(): Promise<Signature> {
    this.#starting = Promise.withResolvers<Signature>();
    for (const seat of this.#seats) seat.start();
    return this.#starting.promise;
  }

  get queued(): number {
    return this.#queue.size;
  }

  get running(): number {
    return this.#running.size;
  }

  get readyWorkers(): number {
    return this.#seats.filter((seat) => seat.isReady).length;
  }

  /** The next task would be refused. */
  get isFull(): boolean {
    return this.#queue.size >= this.#options.queueSize && !this.#idleSeat();
  }

  /** Every worker was lost again and again: only a new process can help. */
  get isDead(): boolean {
    return this.#seats.every((seat) => seat.isDead);
  }

  /** Queues a task. Its typed arrays are moved to the worker, not copied. */
  submit(task: PredictTask): Submission {
    const { promise, resolve, reject } = Promise.withResolvers<PoolAnswer>();
    if (this.#isClosed) reject(new PoolError('Closed', 'the server is stopping; send the request again'));
    else if (this.isFull)
      reject(new PoolError('QueueFull', `${this.#queue.size} requests are waiting; try again later`));
    else {
      const job: Job = { task, submittedAt: performance.now(), waitMilliseconds: 0, timer: undefined, resolve, reject };
      job.timer = setTimeout(() => this.#expire(job), this.#options.timeoutMilliseconds);
      this.#queue.add(job);
      this.#dispatch();
      return { result: promise, cancel: () => this.#cancel(job) };
    }
    return { result: promise, cancel: () => undefined };
  }

  /** Fails what waits and runs, and ends the workers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const error = new PoolError('Closed', 'the server is stopping; send the request again');
    for (const job of [...this.#queue, ...this.#running.values()]) fail(job, error);
    this.#queue.clear();
    this.#running.clear();
    await Promise.all(this.#seats.map((seat) => seat.close()));
  }

  #makeSeat(): Seat {
    const seat: Seat = new Seat(() => this.#options.spawn(), {
      ready: (signature) => {
        if (this.#seats.every(({ isReady }) => isReady)) this.#starting?.resolve(signature);
        this.#dispatch();
      },
      refused: (rejection) => this.#starting?.reject(new BundleRefusedError(rejection)),
      answered: (answer) => this.#finish(seat, answer),
      lost: (reason) => this.#lose(seat, reason),
    });
    return seat;
  }

  #idleSeat(): Seat | undefined {
    return this.#seats.find((seat) => seat.isReady && !this.#running.has(seat));
  }

  #dispatch(): void {
    for (const job of this.#queue) {
      const seat = this.#idleSeat();
      if (!seat) return;
      this.#queue.delete(job);
      job.waitMilliseconds = performance.now() - job.submittedAt;
      this.#running.set(seat, job);
      seat.post(job.task, buffersOf(job.task));
    }
  }

  #finish(seat: Seat, answer: WorkerAnswer): void {
    const job = this.#running.get(seat);
    this.#running.delete(seat);
    if (job) {
      clearTimeout(job.timer);
      job.resolve({ answer, waitMilliseconds: job.waitMilliseconds });
    }
    this.#dispatch();
  }

  #lose(seat: Seat, reason: string): void {
    const job = this.#running.get(seat);
    this.#running.delete(seat);
    if (job) fail(job, new PoolError('WorkerLost', 'the worker that ran the request died; it is being replaced'));
    this.#starting?.reject(new Error(`a worker died while it loaded the model: ${reason}`));
    this.#options.onLost(reason);
  }

  #expire(job: Job): void {
    const seconds = this.#options.timeoutMilliseconds / 1000;
    fail(job, new PoolError('TimedOut', `no prediction within ${seconds} s; send fewer rows or try again later`));
    if (this.#queue.delete(job)) return;
    for (const [seat, running] of this.#running) if (running === job) seat.replace();
  }

  #cancel(job: Job): void {
    if (this.#queue.delete(job)) fail(job, new PoolError('Cancelled', 'the client closed the connection'));
  }
}

function fail(job: Job, error: PoolError): void {
  clearTimeout(job.timer);
  job.reject(error);
}

function buffersOf(task: PredictTask): ArrayBuffer[] {
  return [...task.inputs.values()].flatMap((values) => (Array.isArray(values) ? [] : [values.buffer as ArrayBuffer]));
}
