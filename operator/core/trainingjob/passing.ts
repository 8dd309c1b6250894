// Lets wait what is only passed through: telling each state of a job that starts and ends within seconds would cost the
// apiserver more writes than anybody could read.
import type { Outcome, Turn } from './turn.ts';

/** Seconds until a state must be told: a pod without trouble that does not run yet, and a trainer that runs. */
export const toldAfterSeconds = { preparing: 10, running: 3 } as const;

/**
 * `outcome`, untold while the state is younger than `toldAfter` and only the beginning of the attempt was told before:
 * anything else that was said, of its conditions or its input, is corrected at once. The beginning itself is told if there
 * is room for it.
 */
export function tellIfItLasts(turn: Turn, outcome: Outcome, seconds: { lasted: number; toldAfter: number }): Outcome {
  const left = seconds.toldAfter - seconds.lasted;
  const { conditions, inputErrorSince } = turn.status;
  const said = conditions?.find(({ type }) => type === 'Ready');
  const isBeginning = said === undefined || (said.reason === 'PodPending' && inputErrorSince === undefined);
  if (left <= 0 || !isBeginning) return outcome;
  return { ...outcome, passes: true, wakeSeconds: [...(outcome.wakeSeconds ?? []), left] };
}
