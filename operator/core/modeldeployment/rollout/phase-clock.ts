// How much of its deadline a phase has used: only time in which it may go on by itself. A pause, a person who is waited for,
// a gateway that is away, and an operator that nobody saw for long use nothing.
import type { RolloutStatus } from '@sluice/crds/v1alpha1/rollout-status.ts';
import { formatMilliTime, formatTime, parseTime, secondsSince } from '../../conditions.ts';
import type { Instant } from '../../plan.ts';
import { longestLookMs, noteEveryMs } from '../pace.ts';

/** As it is kept in the status: it runs since then, or it stands still. */
export type PhaseClock = NonNullable<RolloutStatus['clock']>;

export const newClock: PhaseClock = { usedSeconds: 0 };

/** The clock of a phase that began then, and that nothing has kept from running. */
export const clockFrom = (began: Instant): PhaseClock => ({ usedSeconds: 0, since: formatMilliTime(began) });

/** The phase that goes on: another one has a clock of its own. */
export type Phase = Pick<RolloutStatus, 'phase' | 'weightPercent'> & { readonly step?: string | undefined };

const isSamePhase = (one: Phase, other: Phase): boolean =>
  one.phase === other.phase && one.step === other.step && one.weightPercent === other.weightPercent;

/** Share that the step gives the candidate, also while it has all requests in place of the live revision. */
export const stepPercentOf = ({ weightPercent, standIn }: Pick<RolloutStatus, 'weightPercent' | 'standIn'>): number =>
  standIn?.since === undefined ? weightPercent : (standIn.stepPercent ?? weightPercent);

/** The clock of the phase as it was kept. An earlier release kept none: then a step has used what passed since it began. */
export function clockOf(before: RolloutStatus | undefined, phase: Phase, now: Instant): PhaseClock {
  if (!before || !isSamePhase({ ...before, weightPercent: stepPercentOf(before) }, phase)) return newClock;
  if (before.clock || before.startedAt === undefined) return before.clock ?? newClock;
  return { usedSeconds: secondsSince(before.startedAt, now), since: formatTime(now) };
}

/** What passed since it was noted; nothing of a time so long that no operator can have looked in it. */
function runMs({ since }: PhaseClock, now: Instant): number {
  const passed = since === undefined ? 0 : now - parseTime(since);
  return passed > longestLookMs ? 0 : Math.max(0, passed);
}

/** Seconds that are used by now. */
export const usedSeconds = (clock: PhaseClock, now: Instant): number => clock.usedSeconds + runMs(clock, now) / 1000;

/** The clock as it is to be kept. One that runs on is noted every `noteEveryMs`, so that looks alone cause no writes. */
export function tick(clock: PhaseClock, runs: boolean, now: Instant): PhaseClock {
  const { since } = clock;
  const isFresh = since !== undefined && now >= parseTime(since) && now - parseTime(since) < noteEveryMs;
  if (runs && isFresh) return clock;
  const used = { usedSeconds: usedSeconds(clock, now) };
  return runs ? { ...used, since: formatMilliTime(now) } : used;
}
