// Decides when a candidate has all requests in place of a live revision that is down, and when it gives them back. Both
// take time: a pod that moves to another node is back within seconds, and a live revision that comes and goes must not
// make the requests come and go.
import { maxStandIns, type RolloutStatus } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { formatMilliTime } from '../../conditions.ts';
import type { Instant } from '../../plan.ts';
import { newClock, tick, usedSeconds } from '../rollout/phase-clock.ts';
import type { LiveState } from './live-down.ts';

export type StandIn = NonNullable<RolloutStatus['standIn']>;

export const standInLimits = {
  /** So long nothing of the live revision can answer before a candidate stands in. */
  downSeconds: 30,
  /** So long it must be able to answer before it gets its requests back, the first time; twice as long each further time. */
  backSeconds: 60,
  longestBackSeconds: 960,
} as const;

export type Looked = {
  readonly live: LiveState;
  /** Why the candidate may not stand in now, in words. */
  readonly hinders: string | undefined;
  /** Whether it may not stand in at all: by the spec, or because its step gives it all requests anyway. */
  readonly isOver: boolean;
  /** Whether a pod of it is ready. */
  readonly canAnswer: boolean;
  /** Share that its step gives it. */
  readonly stepPercent: number;
  /** Share that was asked for it last. */
  readonly wantedPercent: number;
  readonly now: Instant;
};

/** How long the live revision must be able to answer before the requests go back. */
export const backSeconds = (times: number): number =>
  Math.min(standInLimits.longestBackSeconds, standInLimits.backSeconds * 2 ** Math.max(0, times - 1));

/** Not standing in: requests that are on their way back are not the step's. */
function without(before: StandIn | undefined, { stepPercent, wantedPercent }: Looked): StandIn | undefined {
  const times = before?.times ?? 0;
  const isReturning = before?.stepPercent !== undefined && wantedPercent > stepPercent;
  if (times === 0 && !isReturning) return undefined;
  return { clock: newClock, times, ...(isReturning ? { stepPercent } : {}) };
}

function mayBegin(before: StandIn | undefined, looked: Looked): StandIn | undefined {
  const { live, hinders, isOver, stepPercent, now } = looked;
  const rest = without(before, looked);
  if (live !== 'Down' || isOver) return rest;
  const { times = 0 } = rest ?? {};
  const clock = tick(before?.clock ?? newClock, true, now);
  if (hinders !== undefined || usedSeconds(clock, now) < standInLimits.downSeconds) return { times, ...rest, clock };
  return { since: formatMilliTime(now), stepPercent, clock: newClock, times: Math.min(maxStandIns, times + 1) };
}

function mayEnd(before: StandIn, looked: Looked): StandIn | undefined {
  const { live, isOver, canAnswer, stepPercent, now } = looked;
  const clock = live === 'Up' ? tick(before.clock, true, now) : newClock;
  const isBack = live === 'Up' && (!canAnswer || usedSeconds(clock, now) >= backSeconds(before.times));
  return isOver || isBack ? without(before, looked) : { ...before, stepPercent, clock };
}

/** What is kept of it after one more look; undefined when there is nothing to keep. */
export const nextStandIn = (before: StandIn | undefined, looked: Looked): StandIn | undefined =>
  before?.since === undefined ? mayBegin(before, looked) : mayEnd(before, looked);

/** Whether the live revision has been down for so long that nothing is waited for on its account. */
export const isGone = (standIn: StandIn | undefined, live: LiveState, now: Instant): boolean =>
  standIn !== undefined &&
  live === 'Down' &&
  (standIn.since !== undefined || usedSeconds(standIn.clock, now) >= standInLimits.downSeconds);
