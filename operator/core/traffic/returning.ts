// Takes requests back to the live revision: at once where its pods can bear it, else as fast as they become ready.
import { formatTime } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import type { Share } from './shares.ts';

export type Return = {
  readonly stable: string | undefined;
  /** Largest share that the live revision can take; more than that it keeps only if it has it already. */
  readonly capacity: number;
  /** Largest share that each revision shall have: 0 for those that gave way or were refused. */
  limitOf(revision: string): number;
  readonly now: Instant;
};

/**
 * The most that a gateway pod may still give it is kept, also when not every one was known to give that: until all are
 * known to give less, it must stay reachable.
 */
export function lowered(share: Share, wantedPercent: number, now: Instant): Share {
  if (share.wantedPercent === wantedPercent) return share;
  const verifiedPercent = Math.max(share.verifiedPercent ?? 0, share.wantedPercent);
  return { ...share, wantedPercent, verifiedPercent, changedAt: formatTime(now) };
}

function raised(share: Share, wantedPercent: number, now: Instant): Share {
  if (share.wantedPercent === wantedPercent) return share;
  const { verifiedPercent: _outdated, ...rest } = share;
  return { ...rest, wantedPercent, changedAt: formatTime(now) };
}

/** The shares with everything above the limits given to the live revision, as far as it can take it. */
export function returnWeights(shares: readonly Share[], { stable, capacity, limitOf, now }: Return): Share[] {
  const live = shares.find(({ revision }) => revision === stable);
  if (!live) return [...shares];
  let room = Math.max(0, capacity - live.wantedPercent);
  let moved = 0;
  const rest = shares.map((share) => {
    if (share === live) return share;
    const taken = Math.min(room, Math.max(0, share.wantedPercent - limitOf(share.revision)));
    room -= taken;
    moved += taken;
    return lowered(share, share.wantedPercent - taken, now);
  });
  return rest.map((share) => (share === live ? raised(live, live.wantedPercent + moved, now) : share));
}
