// Why the pool gave no prediction, in words the HTTP side maps to a status.

export type PoolFailure = 'QueueFull' | 'TimedOut' | 'WorkerLost' | 'Cancelled' | 'Closed';

/** A task that no worker answered. */
export class PoolError extends Error {
  readonly failure: PoolFailure;

  constructor(failure: PoolFailure, message: string) {
    super(message);
    this.name = 'PoolError';
    this.failure = failure;
  }
}
