// Begins attempts. A number is written to the status one look before its Job is made, so that no two Jobs ever have the
// same number.
import { formatTime } from '../conditions.ts';
import type { Facts, Outcome, Phase, Step, Turn } from './turn.ts';

/** The next attempt; its Job follows when this status is stored. */
export function beginAttempt(turn: Turn, facts: Facts, why: Phase): Outcome {
  return {
    facts: {
      ...facts,
      attempt: turn.attempt + 1,
      attemptStartedAt: formatTime(turn.now),
      nextAttemptAt: undefined,
      progress: undefined,
    },
    phase: why,
    wakeSeconds: [1],
  };
}

/** Facts of a try that begins anew, with whole budgets. */
export const freshTry = (facts: Facts): Facts => ({
  ...facts,
  retries: undefined,
  activeSeconds: undefined,
  startedAt: undefined,
  completedAt: undefined,
  inputErrorSince: undefined,
  failure: undefined,
});

/** The very first look. */
export const firstAttempt: Step = (turn) =>
  turn.attempt > 0
    ? undefined
    : beginAttempt(turn, turn.facts, {
        type: 'Accepted',
        reason: 'Accepted',
        message: 'accepted: the first attempt is being made.',
      });

export const beginning = (attempt: number): Phase => ({
  type: 'Pending',
  reason: 'AttemptStarting',
  message: `attempt ${attempt} is being made.`,
});
