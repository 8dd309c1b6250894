// What follows from a failed attempt: another one later, a wait for better input, or the end.
import { failureReasons } from '@sluice/crds/reasons.ts';
import type { Failure, TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { formatTime, parseTime, shorten } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import type { AttemptFailure } from './attempt.ts';
import { beginAnew, beginAttempt, beginNext } from './begin.ts';
import { activeDeadline, pendingDeadline } from './deadlines.ts';
import { remedies, withRemedy } from './remedies.ts';
import { decideRetry, drainPauseSeconds } from './retry.ts';
import type { Facts, Outcome, Phase, Step, Turn } from './turn.ts';

const messageMax = 1024;

/** An attempt has failed: it is tried again within the budget of its class, else the job has failed. */
export function failAttempt(turn: Turn, facts: Facts, failure: AttemptFailure): Outcome {
  const { spec, observed, attempt, now } = turn;
  const identity = { uid: observed.trainingJob.metadata.uid, attempt };
  const decision = decideRetry(failure.class, facts.retries ?? {}, { limits: spec.retry, identity });
  if (!decision.retryable) return giveUp(turn, facts, failure, decision.why);
  const inputErrorSince = failure.class === 'Data' ? (facts.inputErrorSince ?? formatTime(now)) : undefined;
  const next: Facts = {
    ...facts,
    failure: record(turn, failure, true),
    retries: decision.retries,
    nextAttemptAt: formatTime(now + decision.delaySeconds * 1000),
    inputErrorSince,
    data: failure.data ?? facts.data,
  };
  return waitForNext(turn, next);
}

/** The end: only a new retryToken begins again. */
export function giveUp(turn: Turn, facts: Facts, failure: AttemptFailure, why: string): Outcome {
  const { class: failureClass, message } = failure;
  return {
    facts: {
      ...facts,
      failure: record(turn, failure, false),
      completedAt: formatTime(turn.now),
      nextAttemptAt: undefined,
      inputErrorSince: undefined,
      data: failure.data ?? facts.data,
    },
    phase: {
      type: 'Failed',
      reason: failureReasons[failureClass],
      message: withRemedy(`${message} (${why})`, remedies[failureClass]),
    },
  };
}

/** The attempt stopped in order although nobody suspended the job: a new one goes on, and no budget is spent. */
function goOnLater(turn: Turn, facts: Facts): Outcome {
  const identity = { uid: turn.observed.trainingJob.metadata.uid, attempt: turn.attempt };
  const nextAttemptAt = formatTime(turn.now + drainPauseSeconds(identity) * 1000);
  return waitForNext(turn, { ...facts, nextAttemptAt });
}

/** The attempt that runs or waits now has ended badly, or was stopped from outside. */
export const endedAttempt: Step = (turn) => {
  if (turn.state.type !== 'Ended') return undefined;
  const { ending } = turn.state;
  if (ending.type === 'Result') return undefined;
  const outcome = ending.type === 'Drained' ? goOnLater(turn, turn.facts) : failAttempt(turn, turn.facts, ending);
  return { ...outcome, attemptJudged: true };
};

/** Between two attempts. */
export const betweenAttempts: Step = (turn) => {
  const { facts, spec, now, retryAsked } = turn;
  const { nextAttemptAt, inputErrorSince, failure } = facts;
  if (nextAttemptAt === undefined) return undefined;
  if (retryAsked) return beginAnew(turn);
  if (failure !== undefined && inputErrorSince !== undefined) {
    const deadline = pendingDeadline(spec.deadlines, inputErrorSince, now);
    if (deadline.passed) return giveUp(turn, facts, { ...failure, type: 'Failure' }, deadline.message);
  }
  if (now < parseTime(nextAttemptAt)) return waitForNext(turn, facts);
  const active = activeDeadline(spec.deadlines, facts.activeSeconds ?? 0, now);
  if (active.passed)
    return giveUp(
      turn,
      facts,
      { type: 'Failure', class: 'Deadline', message: active.message },
      'no attempt may follow',
    );
  const phase = inputPhase(facts);
  return phase === undefined ? beginNext(turn, facts) : beginAttempt(turn, facts, { phase });
};

/** While wrong input is looked at again, the job stays Stalled: it is not known to be better. */
export function inputPhase({
  inputErrorSince,
  failure,
}: Pick<TrainingJobStatus, 'inputErrorSince' | 'failure'>): Phase | undefined {
  if (inputErrorSince === undefined || failure?.class !== 'Data') return undefined;
  return { type: 'Stalled', reason: 'InputInvalid', message: withRemedy(failure.message, remedies.Data) };
}

function waitForNext(turn: Turn, facts: Facts): Outcome {
  const { nextAttemptAt = formatTime(turn.now), inputErrorSince } = facts;
  const wakeSeconds = [secondsUntil(nextAttemptAt, turn.now)];
  if (inputErrorSince !== undefined) {
    const deadline = pendingDeadline(turn.spec.deadlines, inputErrorSince, turn.now);
    wakeSeconds.push(deadline.passed ? 1 : deadline.inSeconds);
  }
  return { facts, phase: inputPhase(facts) ?? retrying(turn, facts.failure, nextAttemptAt), wakeSeconds };
}

function retrying({ attempt }: Turn, failure: Failure | undefined, nextAttemptAt: string): Phase {
  const next = `Attempt ${attempt + 1} starts at ${nextAttemptAt}.`;
  if (failure?.attempt !== attempt) {
    const message = `attempt ${attempt} was stopped from outside and wrote a checkpoint. ${next}`;
    return { type: 'Retrying', reason: 'Retrying', message };
  }
  const what = `attempt ${attempt} failed with ${failure.class}: ${failure.message}`;
  return { type: 'Retrying', reason: 'Retrying', message: withRemedy(what, next) };
}

function record(turn: Turn, failure: AttemptFailure, retryable: boolean): Failure {
  const { exitCode, pod } = failure;
  return {
    class: failure.class,
    ...(exitCode === undefined ? {} : { exitCode }),
    message: shorten(failure.message, messageMax),
    ...(pod === undefined ? {} : { pod }),
    attempt: turn.attempt,
    time: formatTime(turn.now),
    retryable,
  };
}

const secondsUntil = (time: string, now: Instant) => Math.max(1, Math.ceil((parseTime(time) - now) / 1000));
