// Begins the attempts after the first. A number is written to the status one look before its Job is made, so that no two
// Jobs ever have the same number.
import { formatTime } from '../conditions.ts';
import { addCount } from '../counts.ts';
import type { Facts, News, Outcome, Phase, Turn } from './turn.ts';

/** What is said of the beginning: in the conditions, and as events. */
type Beginning = { readonly phase: Phase; readonly news?: readonly News[] };

/** The next attempt; its Job follows when this status is stored. */
export function beginAttempt(turn: Turn, facts: Facts, { phase, news = [] }: Beginning): Outcome {
  return {
    facts: {
      ...facts,
      attempt: addCount(turn.attempt, 1),
      attemptStartedAt: formatTime(turn.now),
      nextAttemptAt: undefined,
      progress: undefined,
    },
    phase,
    news,
    wakeSeconds: [1],
  };
}

/** Facts of a try that begins anew, with whole budgets. */
const freshTry = (facts: Facts): Facts => ({
  ...facts,
  retries: undefined,
  activeSeconds: undefined,
  startedAt: undefined,
  completedAt: undefined,
  inputErrorSince: undefined,
  failure: undefined,
});

/** An attempt that follows others; `news` tells who asked for it. */
export const beginNext = (turn: Turn, facts: Facts, ...news: News[]): Outcome =>
  beginAttempt(turn, facts, {
    phase: { type: 'Pending', reason: 'PodPending', message: `attempt ${turn.attempt + 1} is being prepared.` },
    news,
  });

/** Somebody set a new spec.retryToken: a try with whole budgets. */
export const beginAnew = (turn: Turn): Outcome =>
  beginNext(turn, freshTry(turn.facts), {
    type: 'Normal',
    reason: 'RetryRequested',
    message: 'spec.retryToken changed: the job is tried again with whole budgets.',
  });
