// Decides, from what a lease says and how long it has said so, whether to take, renew, wait for or give up leadership.

/** The `spec` of a coordination.k8s.io/v1 Lease. */
export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

/**
 * How long others must respect a lease, how long its holder may go without a renewal, and how often it renews.
 * `renewSeconds` must be less than `leaseSeconds`, so that a holder has stopped before another begins.
 */
export interface LeaseTiming {
  readonly leaseSeconds: number;
  readonly renewSeconds: number;
  readonly retrySeconds: number;
}

/** cert-manager's figures, which tolerate the pauses of a garbage-collected process and a slow etcd. */
export const DEFAULT_LEASE_TIMING: LeaseTiming = { leaseSeconds: 60, renewSeconds: 40, retrySeconds: 15 };

/** What a candidate knows. Durations are measured by its own monotonic clock: no two machines' clocks are compared. */
export interface LeaseView {
  readonly identity: string;
  /** What the identities of this process's predecessors begin with: all of them have ended. None when absent. */
  readonly heirOf?: string | undefined;
  readonly timing: LeaseTiming;
  /** The stored lease; undefined when there is none. */
  readonly spec: LeaseSpec | undefined;
  /** How long the stored lease has been as it is, as far as this candidate saw. */
  readonly unchangedForMs: number;
  /** Since this candidate sent its last successful renewal; undefined when it does not lead. */
  readonly renewedForMs: number | undefined;
  /** How long the work that leadership is for has stood still; 0 while it goes on. */
  readonly stillForMs: number;
}

/** What to do now. */
export type LeaseAction =
  | { readonly act: 'create' | 'take' | 'renew' }
  | { readonly act: 'wait' }
  | { readonly act: 'stepDown'; readonly reason: string };

/** Work that stands still for this part of the renewal deadline is not renewed for; for the whole of it, given up. */
const STANDSTILL = 0.5;

/** The whole of leader election but for the clock and the network. */
export function decideLease(view: LeaseView): LeaseAction {
  return view.renewedForMs === undefined ? decideCandidate(view) : decideLeader(view, view.renewedForMs);
}

/** What to do when the apiserver did not say what the lease is: a leader goes on only as long as its last renewal lasts. */
export function decideUnanswered(view: Omit<LeaseView, 'spec' | 'unchangedForMs'>): LeaseAction {
  const reason = view.renewedForMs === undefined ? undefined : whyTooLate(view, view.renewedForMs);
  return reason === undefined ? { act: 'wait' } : { act: 'stepDown', reason };
}

/**
 * How long until a leader must have decided again, in milliseconds: the end of its renewal, or the moment when work
 * that stands still since `stillForMs` has done so for too long.
 */
export function decidesWithinMs(view: Pick<LeaseView, 'timing' | 'stillForMs'> & { renewedForMs: number }): number {
  const renewMs = view.timing.renewSeconds * 1000;
  return Math.max(0, renewMs - Math.max(view.renewedForMs, view.stillForMs));
}

function decideLeader(view: LeaseView, renewedForMs: number): LeaseAction {
  const { spec, identity } = view;
  const reason = whyTooLate(view, renewedForMs);
  if (reason !== undefined) return { act: 'stepDown', reason };
  if (spec === undefined) return { act: 'stepDown', reason: 'the lease was deleted' };
  if (spec.holderIdentity !== identity) {
    return { act: 'stepDown', reason: `the lease is held by ${spec.holderIdentity || 'nobody'}` };
  }
  return isStandingStill(view) ? { act: 'wait' } : { act: 'renew' };
}

function whyTooLate({ timing, stillForMs }: Pick<LeaseView, 'timing' | 'stillForMs'>, renewedForMs: number) {
  const renewMs = timing.renewSeconds * 1000;
  if (renewedForMs >= renewMs) return `the lease was not renewed for ${timing.renewSeconds} s`;
  return stillForMs >= renewMs ? `the process stood still for ${timing.renewSeconds} s` : undefined;
}

function isStandingStill({ timing, stillForMs }: LeaseView): boolean {
  return stillForMs >= STANDSTILL * timing.renewSeconds * 1000;
}

function decideCandidate(view: LeaseView): LeaseAction {
  const { spec, identity, timing, unchangedForMs } = view;
  if (isStandingStill(view)) return { act: 'wait' };
  if (spec === undefined) return { act: 'create' };
  if (!spec.holderIdentity || spec.holderIdentity === identity || isPredecessor(view, spec.holderIdentity)) {
    return { act: 'take' };
  }
  const respectedForMs = (spec.leaseDurationSeconds ?? timing.leaseSeconds) * 1000;
  return unchangedForMs >= respectedForMs ? { act: 'take' } : { act: 'wait' };
}

const isPredecessor = ({ heirOf }: LeaseView, holder: string) => heirOf !== undefined && holder.startsWith(heirOf);

/** Since this candidate sent its last renewal: does it lead? True for shorter than others have to respect the lease. */
export function stillLeads(renewedForMs: number | undefined, timing: LeaseTiming): boolean {
  return renewedForMs !== undefined && renewedForMs < timing.renewSeconds * 1000;
}

/** The lease as `identity` writes it at `at` (MicroTime) over what was stored. */
export function heldLease(view: LeaseView, at: string): LeaseSpec {
  const { spec, identity, timing } = view;
  const isSame = spec?.holderIdentity === identity && view.renewedForMs !== undefined;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: timing.leaseSeconds,
    acquireTime: isSame ? (spec.acquireTime ?? at) : at,
    renewTime: at,
    leaseTransitions: (spec?.leaseTransitions ?? 0) + (spec === undefined || isSame ? 0 : 1),
  };
}

/** @throws Error when with these times two could lead at once, or none for long. */
export function checkLeaseTiming({ leaseSeconds, renewSeconds, retrySeconds }: LeaseTiming): void {
  if (leaseSeconds > renewSeconds && renewSeconds > retrySeconds && retrySeconds > 0) return;
  throw new Error('lease timing: leaseSeconds must exceed renewSeconds, and renewSeconds must exceed retrySeconds');
}
