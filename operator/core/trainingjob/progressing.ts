// The current attempt on its way: its Job is made, its pod waits, its trainer runs.
import { ports } from '@sluice/crds/contract.ts';
import { formatTime, secondsSince } from '../conditions.ts';
import { attemptName } from '../names.ts';
import type { Instant } from '../plan.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { isOverdue, nodeOf, overdueInSeconds } from '../pods/one-shot/absence.ts';
import { laterOf, resumedAt } from '../pods/one-shot/suspension.ts';
import { explainWaiting } from '../pods/one-shot/waiting.ts';
import { toldOfPod } from '../refusals.ts';
import { type AttemptState, jobOfAttempt, livePods, ranSeconds, runningSince, unfinishedJobs } from './attempt.ts';
import { activeDeadline, hangMessage, pendingDeadline } from './deadlines.ts';
import { failAttempt, giveUp, inputPhase } from './failure.ts';
import { findObstacle, type Obstacle } from './inputs.ts';
import { tellIfItLasts, toldAfterSeconds } from './passing.ts';
import { askForProgress, describeProgress, hasReadData, nextProgress } from './progress.ts';
import { type Silence, silenceOf } from './silence.ts';
import { trainerWish } from './trainer.ts';
import type { Facts, Outcome, Phase, Step, Turn } from './turn.ts';

/** The Job is to be made: when nothing of an earlier attempt can run any more, and what it needs is there. */
export const unstarted: Step = (turn) => {
  if (turn.state.type !== 'Absent') return undefined;
  const earlier = livePods(turn.observed)[0];
  if (earlier !== undefined) return waitToStart(turn, stillThere(earlier, turn.now));
  const unfinished = unfinishedJobs(turn.observed)[0]?.metadata.name;
  if (unfinished !== undefined)
    return waitToStart(turn, preparingPhase(`Job ${unfinished} of an earlier attempt has not ended yet.`));
  const obstacle = findObstacle(turn.observed);
  return obstacle === undefined ? createJob(turn) : stallOn(turn, obstacle);
};

/** Never two trainers at once: what is not known to have ended may still write. */
function stillThere(pod: ObservedPod, now: Instant): Phase {
  const { name } = pod.metadata;
  if (!isOverdue(pod, now)) return preparingPhase(`pod ${name} of an earlier attempt has not ended yet.`);
  const message = `node ${nodeOf(pod)} does not confirm the end of pod ${name}, so no attempt follows. If the node is lost, delete it, or force the deletion of the pod.`;
  return { type: 'Unknown', reason: 'NodeLost', message };
}

const preparingPhase = (message: string): Phase => ({ type: 'Pending', reason: 'PodPending', message });

/** Somebody else suspended the Job: nothing runs, nothing is spent, and it goes on when they take it back. */
export const heldBack: Step = (turn) => {
  const { state, facts } = turn;
  if (state.type !== 'Suspended') return undefined;
  const pod = state.pod?.metadata.name;
  const what = pod === undefined ? 'nothing runs' : `pod ${pod} writes a checkpoint and stops`;
  const message = `Job ${jobName(turn)} is suspended by something else, such as a queue: ${what}. It goes on when that sets its spec.suspend to false.`;
  return { facts, phase: { type: 'Held', reason: 'JobSuspended', message }, job: 'Keep' };
};

/** The Job is there and its trainer does not run yet. */
export const pending: Step = (turn) => {
  const { state, spec, facts } = turn;
  if (state.type !== 'Waiting') return undefined;
  const cause = explainWaiting(state.pod, trainerWish(spec, jobName(turn)));
  const refused = state.pod === undefined ? toldOfPod(turn.status.conditions, jobName(turn)) : undefined;
  const failure = {
    type: 'Failure',
    class: cause.class,
    message: refused ?? cause.message,
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
    wakeSeconds: [
      deadline.inSeconds,
      ...(state.pod === undefined ? [lookForPodSeconds] : overdueInSeconds(state.pod, turn.now)),
    ],
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
  const silence = silenceOf({ shown: facts.progress, reading, startedAt: state.startedAt }, now);
  const training: Outcome = {
    facts,
    phase: unheard(state, silence) ??
      inputPhase(facts) ?? { type: 'Running', reason: 'Running', message: describeProgress(facts.progress) },
    job: 'Keep',
    stillRunning: true,
    measure: askForProgress(state.pod, ran),
    wakeSeconds: [deadline.inSeconds, ...overdueInSeconds(state.pod, now), ...(silence.inSeconds ?? [])],
  };
  return tellIfItLasts(turn, training, { lasted: ran, toldAfter: toldAfterSeconds.running });
};

/** Nobody knows how far the trainer is: its node is away, or it does not answer. An old figure is not told as a new one. */
function unheard({ pod, absence }: RunningState, { since }: Silence): Phase | undefined {
  const { name } = pod.metadata;
  if (absence !== undefined) {
    const message = `node ${absence.node} of pod ${name} does not answer since ${absence.since}: how far the training is, is not known. If it is lost, delete the node; another attempt then follows.`;
    return { type: 'Unknown', reason: 'NodeLost', message };
  }
  if (since === undefined) return undefined;
  const message = `pod ${name} on node ${nodeOf(pod)} runs and does not tell its progress since ${since}. Check the node, and NetworkPolicies from the operator to port ${ports.progress}.`;
  return { type: 'Unknown', reason: 'ProgressUnknown', message };
}

type RunningState = Extract<AttemptState, { type: 'Running' }>;

/** A Job without a pod may have lost it, which is only known after a while. */
const lookForPodSeconds = 5;

const jobName = ({ observed, attempt }: Turn) => attemptName(observed.trainingJob.metadata.name, attempt);
/** A wait that somebody else made, by suspending the Job, is not counted. */
const startOfWait = ({ facts, now, observed, attempt }: Turn) =>
  laterOf(facts.attemptStartedAt ?? formatTime(now), resumedAt(jobOfAttempt(observed, attempt)));
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
    ...waitToStart({ ...turn, facts: started }, preparingPhase(`Job ${jobName(turn)} is being made.`)),
    job: 'Create',
  };
  return late ? making : tellIfItLasts(turn, making, preparing(turn));
}

function waitToStart(turn: Turn, phase: Phase): Outcome {
  const { facts, spec, now, observed } = turn;
  const deadline = pendingDeadline(spec.deadlines, startOfWait(turn), now);
  const { message } = phase;
  if (deadline.passed) return giveUp(turn, facts, { type: 'Failure', class: 'Deadline', message }, deadline.message);
  const overdue = livePods(observed).flatMap((pod) => overdueInSeconds(pod, now));
  return { facts, phase: inputPhase(facts) ?? phase, wakeSeconds: [deadline.inSeconds, ...overdue] };
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
    phase: { type: 'Stalled', reason, message, ...(staysWrong.includes(reason) ? {} : { mayPass: true }) },
    wakeSeconds: [deadline.inSeconds, lookForInputSeconds],
  };
}

/** What no other object can heal. */
const staysWrong: readonly Obstacle['reason'][] = ['StorageReadOnly', 'StorageUnfit', 'SpecTooLong'];

/** Not everything that is referred to is watched. */
const lookForInputSeconds = 5;
