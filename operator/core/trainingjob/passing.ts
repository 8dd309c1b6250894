// Leaves untold what is only passed through: telling each state of a job that starts and ends within seconds would cost
// the apiserver more writes than anybody could read.
import type { Outcome, Turn } from './turn.ts';

/** Seconds until a state is told: a pod without trouble that does not run yet, and a trainer that runs. */
export const toldAfterSeconds = { preparing: 10, running: 3 } as const;

/** What is said of an attempt from its beginning; anything else is corrected at once. */
const beginnings = ['Waiting', 'PodPending'];

/**
 * `outcome`, or nothing but its effects while the state is younger than `toldAfter`: what was said at the beginning of
 * the attempt still holds, and the look after that tells the state if it lasts.
 */
export function tellIfItLasts(turn: Turn, outcome: Outcome, seconds: { lasted: number; toldAfter: number }): Outcome {
  const left = seconds.toldAfter - seconds.lasted;
  const said = turn.status.conditions?.find(({ type }) => type === 'Ready');
  const isBeginning =
    said !== undefined && beginnings.includes(said.reason) && turn.facts.inputErrorSince === undefined;
  if (left <= 0 || !isBeginning) return outcome;
  const { job, phase, wakeSeconds = [] } = outcome;
  return {
    facts: turn.facts,
    phase: { ...phase, type: 'Pending' },
    ...(job === undefined ? {} : { job }),
    untold: true,
    wakeSeconds: [...wakeSeconds, left],
  };
}
