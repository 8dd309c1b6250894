// The current attempt on its way: its Job is made, its pod waits, its trainer runs.
import { formatTime, secondsSince } from '../conditions.ts';
import { attemptName } from '../names.ts';
import { livePods, ranSeconds, runningSince, unfinishedJobs } from './attempt.ts';
import { activeDeadline, hangMessage, pendingDeadline } from './deadlines.ts';
import { failAttempt, giveUp, inputPhase } from './failure.ts';
import { findObstacle, type Obstacle } from './inputs.ts';
import { tellIfItLasts, toldAfterSeconds } from './passing.ts';
import { explainPending } from './pending.ts';
import { askForProgress, describeProgress, hasReadData, nextProgress } from './progress.ts';
import type { Facts, Outcome, Step, Turn } from './turn.ts';

/** The Job is to be made: when nothing of an earlier attempt can run any more, and what it needs is there. */
export const unstarted: Step = (turn) => {
  if (turn.state.type !== 'Unstarted') return undefined;
  const earlier = livePods(turn.observed)[0]?.metadata.name ?? unfinishedJobs(turn.observed)[0]?.metadata.name;
  if (earlier !== undefined)
    return waitToStart(
      turn,
      `${earlier} of an earlier attempt has not ended yet. If its node is lost, delete the node or force the pod.`,
    );
  const obstacle = findObstacle(turn.observed);
  return obstacle === undefined ? createJob(turn) : stallOn(turn, obstacle);
};

/** The Job is there and its trainer does not run yet. */
export const pending: Step = (turn) => {
  const { state, spec, facts } = turn;
  if (state.type !== 'Pending') return undefined;
  const cause = explainPending(state.pod, spec, jobName(turn));
  const failure = {
    type: 'Failure',
    class: cause.class,
    message: cause.message,
    pod: state.pod?.metadata.name,
  } as const;
  if (cause.final) return failAttempt(turn, facts, failure);
  const deadline = pendingDeadline(spec.deadlines, startOfWait(turn), turn.now);
  if (deadline.passed) return giveUp(turn, facts, failure, deadline.message);
  const { reason, message } = cause;
  const waiting: Outcome = {
    facts,
    phase:
      inputPhase(facts) ??
      (cause.stalled ? { type: 'Stalled', reason, message, mayPass: true } : { type: 'Pending', reason, message }),
    job: 'Keep',
    wakeSeconds: [deadline.inSeconds, ...(state.pod === undefined ? [lookForPodSeconds] : [])],
  };
  return reason === 'PodPending' ? tellIfItLasts(turn, waiting, preparing(turn)) : waiting;
};

/** The trainer runs. */
export const running: Step = (turn) => {
  const { state, spec, now, observed } = turn;
  if (state.type !== 'Running') return undefined;
  const reading = observed.reading?.podUid === state.pod.metadata.uid ? observed.reading : undefined;
  const healed = reading !== undefined && hasReadData(reading.report);
  const facts: Facts = {
    ...turn.facts,
    startedAt: turn.facts.startedAt ?? state.startedAt,
    progress: nextProgress(turn.facts.progress, reading),
    inputErrorSince: healed ? undefined : turn.facts.inputErrorSince,
  };
  const pod = state.pod.metadata.name;
  const hang = hangMessage(spec.deadlines, reading);
  if (hang !== undefined) return failAttempt(turn, facts, { type: 'Failure', class: 'Hang', message: hang, pod });
  const ran = ranSeconds(state.pod, runningSince(turn.status), now) ?? 0;
  const deadline = activeDeadline(spec.deadlines, (facts.activeSeconds ?? 0) + ran, now);
  if (deadline.passed)
    return giveUp(turn, facts, { type: 'Failure', class: 'Deadline', message: deadline.message, pod }, 'stopped');
  const training: Outcome = {
    facts,
    phase: inputPhase(facts) ?? { type: 'Running', reason: 'Running', message: describeProgress(facts.progress) },
    job: 'Keep',
    stillRunning: true,
    measure: askForProgress(state.pod, ran),
    wakeSeconds: [deadline.inSeconds],
  };
  return tellIfItLasts(turn, training, { lasted: ran, toldAfter: toldAfterSeconds.running });
};

/** A Job without a pod may have lost it, which is only known after a while. */
const lookForPodSeconds = 5;

const jobName = ({ observed, attempt }: Turn) => attemptName(observed.trainingJob.metadata.name, attempt);
const startOfWait = ({ facts, now }: Turn) => facts.attemptStartedAt ?? formatTime(now);
const preparing = (turn: Turn) => ({
  lasted: secondsSince(startOfWait(turn), turn.now),
  toldAfter: toldAfterSeconds.preparing,
});

/**
 * The wait for the pod is counted from here when it had to wait for input, or for an operator that was away.
 * Input that was missing and is there now no longer counts as wrong; input that was read and refused does.
 */
function createJob(turn: Turn): Outcome {
  const { facts, spec, now } = turn;
  const healed = facts.inputErrorSince !== undefined && inputPhase(facts) === undefined;
  const late = pendingDeadline(spec.deadlines, startOfWait(turn), now).passed;
  const started: Facts = {
    ...facts,
    inputErrorSince: healed ? undefined : facts.inputErrorSince,
    attemptStartedAt: healed || late ? formatTime(now) : facts.attemptStartedAt,
  };
  const making: Outcome = {
    ...waitToStart({ ...turn, facts: started }, `Job ${jobName(turn)} is being made.`),
    job: 'Create',
  };
  return late ? making : tellIfItLasts(turn, making, preparing(turn));
}

function waitToStart(turn: Turn, message: string): Outcome {
  const { facts, spec, now } = turn;
  const deadline = pendingDeadline(spec.deadlines, startOfWait(turn), now);
  if (deadline.passed) return giveUp(turn, facts, { type: 'Failure', class: 'Deadline', message }, deadline.message);
  const phase = inputPhase(facts) ?? { type: 'Pending', reason: 'PodPending', message };
  return { facts, phase, wakeSeconds: [deadline.inSeconds] };
}

function stallOn(turn: Turn, { reason, message, class: failureClass }: Obstacle): Outcome {
  const { facts, spec, now, retryAsked } = turn;
  const since = retryAsked ? undefined : facts.inputErrorSince;
  const inputErrorSince = since ?? formatTime(now);
  const deadline = pendingDeadline(spec.deadlines, inputErrorSince, now);
  if (deadline.passed) {
    return giveUp(turn, facts, { type: 'Failure', class: failureClass, message }, deadline.message);
  }
  return {
    facts: { ...facts, inputErrorSince },
    phase: { type: 'Stalled', reason, message, ...(reason === 'StorageReadOnly' ? {} : { mayPass: true }) },
    wakeSeconds: [deadline.inSeconds, lookForInputSeconds],
  };
}

/** Not everything that is referred to is watched. */
const lookForInputSeconds = 5;
