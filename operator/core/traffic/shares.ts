// Decides who gets the requests, one safe step at a time. A candidate's way:
//
//   pods warm → backend made known, weight 0 → every gateway pod knows it → weight 100 → every gateway pod gives it → stable
//
// On trial it gets its weight in steps, each once every gateway pod gives the one before.
//
// A weight never names a backend that some ready gateway pod does not know, and pods go only after no gateway pod knows
// their backend any more: no request is lost.
import { type ModelDeploymentStatus, maxShares } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { formatTime, secondsSince } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import type { Traffic } from './port.ts';
import { lowered } from './returning.ts';

export type Share = NonNullable<ModelDeploymentStatus['traffic']>[number];

/** Margin beyond the longest request, for connections that were opened just before the switch. */
const drainMarginSeconds = 5;

/** How long a revision without weight keeps its backend and pods: requests that it was given are answered by then. */
export const drainSeconds = (requestTimeoutSeconds: number) => requestTimeoutSeconds + drainMarginSeconds;

/** Whether exactly these shares were asked for, and everybody gives them. */
export function areInForce(
  shares: readonly Pick<Share, 'revision' | 'wantedPercent'>[],
  { asked, isTaken }: Pick<Traffic, 'asked' | 'isTaken'>,
): boolean {
  const wanted = new Map(shares.map(({ revision, wantedPercent }) => [revision, wantedPercent]));
  const isAsked =
    asked?.length === wanted.size && asked.every(({ revision, percent }) => wanted.get(revision) === percent);
  return isAsked && isTaken;
}

/** The shares with what is known to be in force; a share that becomes known changed at `traffic.now`. */
export function verifyShares(shares: readonly Share[], traffic: Traffic): Share[] {
  if (!areInForce(shares, traffic)) return [...shares];
  return shares.map((share) =>
    share.verifiedPercent === share.wantedPercent
      ? share
      : { ...share, verifiedPercent: share.wantedPercent, changedAt: formatTime(traffic.now) },
  );
}

export type Move = {
  /** The revision on its way, and whether all its pods are ready. */
  readonly candidate:
    | {
        readonly revision: string;
        readonly version: string;
        readonly isWarm: boolean;
        /** Share that it shall have; all requests when it is not on trial. */
        readonly weightPercent?: number;
      }
    | undefined;
  readonly stable: string | undefined;
  /** Whether the live revision has been down for so long that requests do not wait to go back to it. */
  readonly isLiveGone?: boolean;
  readonly traffic: Traffic;
  /** How long a revision drains, in seconds. */
  drainSeconds(revision: string): number;
};

function withWeight(share: Share, wantedPercent: number, now: Instant): Share {
  if (share.wantedPercent === wantedPercent) return share;
  const { verifiedPercent: _outdated, ...rest } = share;
  return { ...rest, wantedPercent, changedAt: formatTime(now) };
}

/** Whether a revision without weight, that is neither stable nor on its way, still has requests to finish. */
export function isDraining({ revision, verifiedPercent, changedAt }: Share, move: Omit<Move, 'candidate'>): boolean {
  // A share that was taken back, and that not every gateway pod is known to have taken back.
  if (verifiedPercent !== undefined && verifiedPercent > 0) return true;
  // Only one that was superseded before it was ever known to the gateways is not verified here: it had no request.
  return verifiedPercent !== undefined && secondsSince(changedAt, move.traffic.now) < move.drainSeconds(revision);
}

const isNeeded = ({ revision, wantedPercent }: Share, { candidate, stable }: Move) =>
  wantedPercent > 0 || revision === stable || revision === candidate?.revision;

/**
 * Whether the revision has a share or can be given one. A status holds so many and no more; what still finishes its
 * requests is never forgotten for what comes, so that a new revision waits.
 */
export const hasRoom = (shares: readonly Share[], revision: string): boolean =>
  shares.length < maxShares || shares.some((share) => share.revision === revision);

/** @param shares as `verifyShares` returned them. @returns the shares wanted next: at most one step further. */
export function nextShares(shares: readonly Share[], move: Move): Share[] {
  const { candidate, traffic } = move;
  const kept = shares.filter((share) => isNeeded(share, move) || isDraining(share, move));
  if (!candidate?.isWarm) return kept;
  const own = kept.find(({ revision }) => revision === candidate.revision);
  if (!own) {
    const { revision, version } = candidate;
    if (!hasRoom(shares, revision)) return kept;
    return [...kept, { revision, version, wantedPercent: 0, changedAt: formatTime(traffic.now) }];
  }
  const { weightPercent = 100 } = candidate;
  return canRise(own, weightPercent, { shares: kept, move }) ? raise(kept, own, { weightPercent, move }) : kept;
}

type Rise = { readonly shares: readonly Share[]; readonly move: Move };

/** More only when the gateways give what was asked before, find its pods, and nobody else still has to give back. */
function canRise(own: Share, weightPercent: number, { shares, move: { stable, traffic, isLiveGone } }: Rise): boolean {
  const isKnown = own.verifiedPercent === own.wantedPercent && traffic.isTaken;
  const others = shares.filter(({ revision }) => revision !== own.revision && revision !== stable);
  const isReturning = stable !== undefined && !isLiveGone && others.some(({ wantedPercent }) => wantedPercent > 0);
  const isFound = traffic.reachOf(own.revision) === 'Everywhere';
  return weightPercent > own.wantedPercent && isKnown && !isReturning && isFound;
}

/** What others still have to give back stays theirs as far as it can: of a live revision that is gone, nobody misses it. */
function raise(shares: readonly Share[], own: Share, to: { weightPercent: number; move: Move }): Share[] {
  const { weightPercent, move } = to;
  const { now } = move.traffic;
  let rest = 100 - weightPercent;
  const others = shares.map((share) => {
    if (share.revision === own.revision || share.revision === move.stable) return share;
    const left = Math.min(rest, share.wantedPercent);
    rest -= left;
    return move.isLiveGone ? lowered(share, left, now) : withWeight(share, left, now);
  });
  return others.map((share) => {
    if (share.revision === own.revision) return withWeight(share, weightPercent, now);
    return share.revision === move.stable ? withWeight(share, rest, now) : share;
  });
}

/** Whether the revision has all requests, known from every gateway pod. */
export const hasArrived = (shares: readonly Share[], revision: string) =>
  shares.some((share) => share.revision === revision && share.wantedPercent === 100 && share.verifiedPercent === 100);

/** Whether the revision was already given weight: then its switch is finished before anything else begins. */
export const hasWeight = (shares: readonly Share[], revision: string) =>
  (shares.find((share) => share.revision === revision)?.wantedPercent ?? 0) > 0;
