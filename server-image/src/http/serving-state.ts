// Where the server stands between start and end, and what the health endpoints make of it.
import type { Signature } from '../workers/messages.ts';

/** Starting: the model is being loaded. Serving: it answers. Draining: it answers, but wants no new clients. */
export type Phase = 'Starting' | 'Serving' | 'Draining';

export type ServingState = {
  phase: Phase;
  /** Known once the model is loaded. */
  signature: Signature | undefined;
  /** `performance.now()` when an infer request last arrived. */
  lastArrival: number;
};

export const initialState = (): ServingState => ({ phase: 'Starting', signature: undefined, lastArrival: 0 });

/** What the pool says about itself. */
export type PoolHealth = { readonly readyWorkers: number; readonly isDead: boolean };

/** Why the pod must be restarted, or null while it is alive. */
export function whyDead(pool: PoolHealth): string | null {
  return pool.isDead ? 'every worker thread died again and again; the process must be restarted' : null;
}

/** Why the pod should get no new traffic, or null when it is ready. */
export function whyNotReady({ phase }: ServingState, pool: PoolHealth): string | null {
  if (phase === 'Starting') return 'the model is being loaded; try again in a few seconds';
  if (phase === 'Draining') return 'the server is stopping; use another replica';
  return whyNotComputing(pool);
}

/** Why an infer request cannot be computed, or null. A draining server still computes. */
export function whyNotComputing(pool: PoolHealth): string | null {
  return pool.readyWorkers === 0 ? 'every worker thread is being restarted; try again in a few seconds' : null;
}
