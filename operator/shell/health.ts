// What the kubelet is told: whether the process is to be restarted, and whether it does its work. Pure.

/** What is known of the process. Times are in milliseconds. */
export type Vitals = {
  /** Whether it has the certificate by which gateways know it. */
  readonly hasIdentity: boolean;
  /** Kinds whose first list is not in. */
  readonly unsynced: readonly string[];
  /** How long keys have been ready while no worker took any: 0 for a replica that does not lead. */
  readonly stuckForMs: number;
  /** How long the lease could be neither read nor written. */
  readonly leaseUnheardForMs: number;
  /** How long a lease lasts; a leader renews it more often. */
  readonly leaseMs: number;
};

/** Twice as long as a reconcile may take: workers that are stuck beyond it will not come back. */
const deadAfterMs = 120_000;
/** As long as a reconcile may take. */
const lateAfterMs = 60_000;
/** False when only a restart can help. The probe is answered by the loop that it is about: one that hangs says nothing. */
export const isAlive = ({ stuckForMs }: Pick<Vitals, 'stuckForMs'>): boolean => stuckForMs < deadAfterMs;

/** Empty when ready, else why not. A replica that waits for the lease is ready; one that cannot even see it is not. */
export function notReady({ hasIdentity, unsynced, stuckForMs, leaseUnheardForMs, leaseMs }: Vitals): string {
  const seconds = (ms: number) => Math.floor(ms / 1000);
  if (!hasIdentity) return 'waiting for the Secret that holds its certificate; see the log';
  if (unsynced.length > 0) return `waiting for the first list of ${unsynced.join(', ')}`;
  if (stuckForMs >= lateAfterMs) return `no reconcile has begun for ${seconds(stuckForMs)} s though objects wait`;
  if (leaseUnheardForMs < leaseMs) return '';
  return `the leader lease could not be read or written for ${seconds(leaseUnheardForMs)} s; see the log`;
}
