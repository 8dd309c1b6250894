// Says where an evaluation stands: its pod waits, it runs, it counted, or it failed with a class.
import type { FailureClass } from '@sluice/crds/contract.ts';
import type { EvaluationCounts } from '@sluice/crds/evaluation-contract.ts';
import { secondsSince, shorten } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import { podsOfJob } from '../pods/children.ts';
import type { ObservedJob, ObservedPod } from '../pods/observed.ts';
import type { Ending } from '../pods/one-shot/ending.ts';
import { type OneShotState, oneShotState } from '../pods/one-shot/state.ts';
import { explainWaiting } from '../pods/one-shot/waiting.ts';
import { evaluator, evaluatorWish } from './evaluator.ts';

/**
 * `message` is for people and says what to look at. A `Failed` of class Infrastructure may pass by itself: ask again with
 * the next attempt. Any other class will not, unless the dataset, the gate or the models change.
 */
export type EvaluationReading =
  | { readonly type: 'Pending'; readonly message: string }
  | { readonly type: 'Running'; readonly message: string }
  | { readonly type: 'Counts'; readonly counts: EvaluationCounts }
  | EvaluationFailed;

export type EvaluationFailed = { readonly type: 'Failed'; readonly class: FailureClass; readonly message: string };

type Observed = {
  /** The Job by the name of the evaluation, if it is there. */
  readonly job: ObservedJob | undefined;
  /** Pods of the namespace that may be its own. */
  readonly pods: readonly ObservedPod[];
};

/** Reads the state of one evaluation. A lost pod is only known some seconds after its Job finished: look again then. */
export function readEvaluation({ job, pods }: Observed, now: Instant): EvaluationReading {
  if (job === undefined) return { type: 'Pending', message: 'the Job of the evaluation is being made' };
  const { name } = job.metadata;
  const state = oneShotState({ job, pods: podsOfJob(pods, job.metadata) }, evaluator, now);
  if (state.type === 'Ended') return readEnding(state.ending);
  if (state.type === 'Suspended') {
    return { type: 'Pending', message: `Job ${name} is suspended by something else, such as a queue` };
  }
  if (state.type === 'Running') return { type: 'Running', message: runningWords(state) };
  return readWait(state, name, now);
}

type State = OneShotState<EvaluationCounts>;

function runningWords({ pod, absence }: Extract<State, { type: 'Running' }>): string {
  const { name } = pod.metadata;
  if (absence === undefined) return `pod ${name} asks the revisions`;
  return `node ${absence.node} of pod ${name} does not answer since ${absence.since}; if it is lost, delete it`;
}

/** A pod that does not start for so long is asked for anew, a few times. */
const waitSeconds = 900;

function readWait(
  state: Extract<State, { type: 'Waiting' | 'Absent' }>,
  name: string,
  now: Instant,
): EvaluationReading {
  if (state.type === 'Absent') return { type: 'Pending', message: `Job ${name} is being made` };
  const cause = explainWaiting(state.pod, evaluatorWish(name));
  const isLate = cause.final === true || secondsSince(state.since, now) >= waitSeconds;
  if (!isLate) return { type: 'Pending', message: cause.message };
  return failed(cause.final === true ? cause.class : 'Infrastructure', cause.message);
}

function readEnding(ending: Ending<EvaluationCounts>): EvaluationReading {
  if (ending.type === 'Result') return { type: 'Counts', counts: ending.result };
  if (ending.type === 'Drained') return failed('Infrastructure', 'the evaluator was told to stop');
  return failed(ending.class, ending.message);
}

const failed = (name: FailureClass, message: string): EvaluationFailed => ({
  type: 'Failed',
  class: name,
  message: shorten(message),
});
