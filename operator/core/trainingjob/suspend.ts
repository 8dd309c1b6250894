// Suspends and resumes. Suspended means that nothing runs: the pod was asked to stop, wrote a checkpoint, and is gone.
// A new attempt goes on from there; no budget is spent.
import { livePods, unfinishedJobs } from './attempt.ts';
import { beginNext } from './begin.ts';
import type { Facts, Step } from './turn.ts';

/** `spec.suspend: true`: the attempt's Job is no longer desired, and whatever its pod says is no failure. */
export const suspended: Step = ({ spec, facts, observed, state }) => {
  if (!spec.suspend) return undefined;
  const waiting: Facts = { ...facts, nextAttemptAt: undefined, inputErrorSince: undefined };
  const pod = livePods(observed)[0];
  if (pod === undefined && unfinishedJobs(observed).length === 0) {
    const message = 'suspended: nothing runs. Set spec.suspend: false to go on from the last checkpoint.';
    return { facts: waiting, phase: { type: 'Suspended', reason: 'Suspended', message } };
  }
  const what =
    pod === undefined ? 'the Job is being deleted' : `pod ${pod.metadata.name} writes a checkpoint and stops`;
  return {
    facts: waiting,
    phase: { type: 'Draining', reason: 'Suspending', message: `suspending: ${what}.` },
    stillRunning: state.type === 'Running',
  };
};

/** `spec.suspend` was taken back, also while the pod was still stopping. */
export const resumed: Step = (turn) =>
  turn.status.conditions?.some(({ type }) => type === 'Suspended')
    ? beginNext(turn, turn.facts, {
        type: 'Normal',
        reason: 'Resumed',
        message: 'spec.suspend is false: training goes on.',
      })
    : undefined;
