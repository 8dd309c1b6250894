// Decides who gets the requests, one safe step at a time. A candidate's way:
//
//   pods warm → backend made known, weight 0 → every gateway pod knows it → weight 100 → every gateway pod gives it → stable
//
// A weight never names a backend that some ready gateway pod does not know, and pods go only after no gateway pod knows
// their backend any more: no request is lost.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { formatTime, secondsSince } from '../conditions.ts';
import type { GatewayReading } from '../gateway/observed.ts';
import { isReady } from '../gateway/plan.ts';
import type { Route } from '../gateway/routes.ts';
import { revisionName } from '../names.ts';
import type { Instant } from '../plan.ts';
import type { ObservedPod } from '../pods/observed.ts';

export type Share = NonNullable<ModelDeploymentStatus['traffic']>[number];

/** How long a revision without weight keeps its backend and pods: requests that it was given are answered by then. */
export const drainSeconds = 15;

export type GatewayView = {
  readonly deployment: string;
  readonly route: Route | undefined;
  readonly pods: readonly ObservedPod[];
  readonly readings: readonly GatewayReading[];
};

/** Whether the persisted table asks for exactly these shares. */
function isRouted(shares: readonly Share[], route: Route | undefined): boolean {
  const wanted = new Map(shares.map(({ revision, wantedPercent }) => [revision, wantedPercent]));
  return (
    route !== undefined &&
    route.backends.length === wanted.size &&
    route.backends.every(({ revision, percent }) => wanted.get(revision) === percent)
  );
}

/** Ready gateway pods that are not known to have the deployment's entry as the table has it. */
export function laggingGateways({ deployment, route, pods, readings }: GatewayView): ObservedPod[] {
  const since = route?.changedIn ?? Number.POSITIVE_INFINITY;
  return pods.filter(isReady).filter(({ metadata }) => {
    const report = readings.find(({ podUid }) => podUid === metadata.uid)?.report;
    return (
      report === undefined ||
      report.clusters < since ||
      report.listeners < since ||
      (report.routes[deployment] ?? 0) < since
    );
  });
}

/** Whether every ready gateway pod, and there is one, does what `shares` ask. */
export function isVerified(shares: readonly Share[], view: GatewayView): boolean {
  return isRouted(shares, view.route) && view.pods.some(isReady) && laggingGateways(view).length === 0;
}

/** Whether every ready gateway pod has found pods of the revision. */
function isReachable(revision: string, { deployment, pods, readings }: GatewayView): boolean {
  const backend = revisionName(deployment, revision);
  return pods
    .filter(isReady)
    .every(({ metadata }) => (readings.find(({ podUid }) => podUid === metadata.uid)?.report.hosts[backend] ?? 0) > 0);
}

/** The shares with what the gateways are known to do. */
export function verifyShares(shares: readonly Share[], view: GatewayView): Share[] {
  const verified = isVerified(shares, view);
  return shares.map((share) => (verified ? { ...share, verifiedPercent: share.wantedPercent } : share));
}

export type Move = {
  /** The revision on its way, and whether all its pods are ready. */
  readonly candidate: { readonly revision: string; readonly version: string; readonly isWarm: boolean } | undefined;
  readonly stable: string | undefined;
  readonly view: GatewayView;
  readonly now: Instant;
};

const withWeight = (share: Share, wantedPercent: number, now: Instant): Share => {
  if (share.wantedPercent === wantedPercent) return share;
  const { verifiedPercent: _outdated, ...rest } = share;
  return { ...rest, wantedPercent, changedAt: formatTime(now) };
};

/** Backends that lost their weight long enough ago, and are no longer needed, are forgotten. */
function dropDrained(shares: readonly Share[], { candidate, stable, now }: Move): Share[] {
  return shares.filter(
    ({ revision, wantedPercent, verifiedPercent, changedAt }) =>
      revision === stable ||
      revision === candidate?.revision ||
      wantedPercent > 0 ||
      verifiedPercent === undefined ||
      secondsSince(changedAt, now) < drainSeconds,
  );
}

/** @param shares as `verifyShares` returned them. @returns the shares wanted next: at most one step further. */
export function nextShares(shares: readonly Share[], move: Move): Share[] {
  const { candidate, view, now } = move;
  const kept = dropDrained(shares, move);
  if (!candidate?.isWarm) return kept;
  const own = kept.find(({ revision }) => revision === candidate.revision);
  if (!own) {
    const { revision, version } = candidate;
    return [...kept, { revision, version, wantedPercent: 0, changedAt: formatTime(now) }];
  }
  const mayMove = own.wantedPercent === 0 && own.verifiedPercent === 0 && isReachable(own.revision, view);
  if (!mayMove) return kept;
  return kept.map((share) => withWeight(share, share.revision === own.revision ? 100 : 0, now));
}

/** Whether the candidate has all requests, known from every gateway pod. */
export const hasArrived = (shares: readonly Share[], revision: string) =>
  shares.find((share) => share.revision === revision)?.verifiedPercent === 100;

/** Whether the candidate was already given weight: then its switch is finished before anything else begins. */
export const hasWeight = (shares: readonly Share[], revision: string) =>
  (shares.find((share) => share.revision === revision)?.wantedPercent ?? 0) > 0;
