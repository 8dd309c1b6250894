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

/** cert-manager's figures, which tolerate the pauses of a garbage-collected process. */
export const DEFAULT_LEASE_TIMING: LeaseTiming = { leaseSeconds: 60, renewSeconds: 40, retrySeconds: 15 };

/** What a candidate knows. Durations are measured by its own monotonic clock: no two machines' clocks are compared. */
export interface LeaseView {
  readonly identity: string;
  readonly timing: LeaseTiming;
  /** The stored lease; undefined when there is none. */
  readonly spec: LeaseSpec | undefined;
  /** How long the stored lease has been as it is, as far as this candidate saw. */
  readonly unchangedForMs: number;
  /** Since this candidate sent its last successful renewal; undefined when it does not lead. */
  readonly renewedForMs: number | undefined;
  /** Whether the work that leadership is for is being done. */
  readonly healthy: boolean;
}

/** What to do now. */
export type LeaseAction =
  | { readonly act: 'create' | 'take' | 'renew' }
  | { readonly act: 'wait' }
  | { readonly act: 'stepDown'; readonly reason: string };

/** The whole of leader election but for the clock and the network. */
export function decideLease(view: LeaseView): LeaseAction {
  return view.renewedForMs === undefined ? decideCandidate(view) : decideLeader(view, view.renewedForMs);
}

function decideLeader(view: LeaseView, renewedForMs: number): LeaseAction {
  const { spec, identity, timing, healthy } = view;
  if (renewedForMs >= timing.renewSeconds * 1000) {
    return { act: 'stepDown', reason: `the lease was not renewed for ${timing.renewSeconds} s` };
  }
  if (spec === undefined) return { act: 'stepDown', reason: 'the lease was deleted' };
  if (spec.holderIdentity !== identity) {
    return { act: 'stepDown', reason: `the lease is held by ${spec.holderIdentity || 'nobody'}` };
  }
  return healthy ? { act: 'renew' } : { act: 'wait' };
}

function decideCandidate(view: LeaseView): LeaseAction {
  const { spec, identity, timing, healthy, unchangedForMs } = view;
  if (!healthy) return { act: 'wait' };
  if (spec === undefined) return { act: 'create' };
  if (!spec.holderIdentity || spec.holderIdentity === identity) return { act: 'take' };
  const respectedForMs = (spec.leaseDurationSeconds ?? timing.leaseSeconds) * 1000;
  return unchangedForMs >= respectedForMs ? { act: 'take' } : { act: 'wait' };
}

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
