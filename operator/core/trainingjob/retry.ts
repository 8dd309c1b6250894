// Decides whether a failed attempt is tried again, and when: a budget per class of failure, growing pauses, and for wrong
// input a slow look that only deadlines.pendingSeconds ends.
import type { FailureClass } from '@sluice/crds/contract.ts';
import type { TrainingJobSpec, TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { addCount } from '../counts.ts';

export type Retries = NonNullable<TrainingJobStatus['retries']>;
export type Budget = keyof TrainingJobSpec['retry'];

export type RetryDecision =
  | { readonly retryable: false; readonly why: string }
  | { readonly retryable: true; readonly retries: Retries; readonly delaySeconds: number; readonly why: string };

/** Names an attempt, so that its pause differs from that of others but never from one look to the next. */
export type AttemptIdentity = { readonly uid: string; readonly attempt: number };

const budgets: Partial<Readonly<Record<FailureClass, Budget>>> = {
  UserCode: 'userCode',
  OutOfMemory: 'outOfMemory',
  Infrastructure: 'infrastructure',
  Hang: 'hang',
};

const failurePause = { firstSeconds: 10, maxSeconds: 600 };
const inputPause = { firstSeconds: 30, maxSeconds: 300 };
/** Pauses are spread by this share to both sides, so that jobs that fell together do not rise together. */
const jitter = 0.2;

/** The pause after an orderly stop that nobody asked us for, such as the drain of a node. */
export const drainPauseSeconds = (identity: AttemptIdentity) => pause(failurePause, 1, identity);

export function decideRetry(
  failure: FailureClass,
  spent: Retries,
  context: { readonly limits: TrainingJobSpec['retry']; readonly identity: AttemptIdentity },
): RetryDecision {
  if (failure === 'Data') {
    const input = addCount(spent.input ?? 0, 1);
    const delaySeconds = pause(inputPause, input, context.identity);
    return { retryable: true, retries: { ...spent, input }, delaySeconds, why: 'the input is looked at again' };
  }
  const budget = budgets[failure];
  if (budget === undefined) return { retryable: false, why: `class ${failure} is not tried again` };
  const limit = context.limits[budget];
  const used = spent[budget] ?? 0;
  if (used >= limit) return { retryable: false, why: `retry.${budget}: ${limit} is used up` };
  return {
    retryable: true,
    retries: { ...spent, [budget]: addCount(used, 1) },
    delaySeconds: pause(failurePause, used + 1, context.identity),
    why: `retry ${used + 1} of ${limit} for class ${failure}`,
  };
}

/** Doubling pauses in whole seconds. */
function pause(range: { firstSeconds: number; maxSeconds: number }, nth: number, identity: AttemptIdentity): number {
  const seconds = Math.min(range.maxSeconds, range.firstSeconds * 2 ** (nth - 1));
  return Math.round(seconds * (1 + jitter * (2 * fraction(`${identity.uid}/${identity.attempt}`) - 1)));
}

/** A number in [0, 1) that only depends on the text (FNV-1a, 32 bit). */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
