// Says where an evaluation stands: its pod waits, it runs, it counted, or it failed with a class. Ordered chains of
// checks; the first that knows the answer gives it.
import { exitCodes, type FailureClass, failureClasses } from '@sluice/crds/contract.ts';
import {
  type EvaluationCounts,
  type EvaluationResult,
  evaluationResultSchema,
} from '@sluice/crds/evaluation-contract.ts';
import { cutStart, printable } from '@sluice/crds/text.ts';
import { secondsSince, shorten } from '../conditions.ts';
import type { Instant } from '../plan.ts';
import { containerOf, hasEnded, podsOfJob, trueCondition } from '../pods/children.ts';
import type { ContainerEnd, ObservedJob, ObservedPod } from '../pods/observed.ts';
import { parseDocument } from '../pods/termination-message.ts';
import { evaluatorContainer } from './job.ts';

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

/** Pods and Jobs come from different watches: a finished Job whose pod is not there may only be seen too early. */
const lostAfterSeconds = 5;

/** Reads the state of one evaluation. A lost pod is only known some seconds after its Job finished: look again then. */
export function readEvaluation({ job, pods }: Observed, now: Instant): EvaluationReading {
  if (job === undefined) return { type: 'Pending', message: 'the Job of the evaluation is being made' };
  const pod = podsOfJob(pods, job.metadata)[0];
  if (pod === undefined) return withoutPod(job, now);
  if (hasEnded(pod)) return readEnd(job, pod);
  if (containerOf(pod, evaluatorContainer)?.state?.running !== undefined) {
    return { type: 'Running', message: `pod ${pod.metadata.name} asks the revisions` };
  }
  return { type: 'Pending', message: whyWaiting(pod) };
}

function withoutPod(job: ObservedJob, now: Instant): EvaluationReading {
  const end = finishOf(job);
  if (
    end === undefined ||
    secondsSince(end.lastTransitionTime ?? job.metadata.creationTimestamp, now) < lostAfterSeconds
  ) {
    return { type: 'Pending', message: `Job ${job.metadata.name} waits for its pod` };
  }
  return (
    pastDeadline({ job }) ??
    failed('Infrastructure', `Job ${job.metadata.name} is over and its pod is gone before its counts were read`)
  );
}

const finishOf = ({ status }: ObservedJob) =>
  trueCondition(status?.conditions, 'Complete') ?? trueCondition(status?.conditions, 'Failed');

const failed = (name: FailureClass, message: string): EvaluationFailed => ({
  type: 'Failed',
  class: name,
  message: shorten(message),
});

type Evidence = {
  readonly job: ObservedJob;
  readonly pod: ObservedPod;
  readonly end: ContainerEnd | undefined;
  readonly result: EvaluationResult | undefined;
};
type Check = (evidence: Evidence) => EvaluationReading | undefined;

function readEnd(job: ObservedJob, pod: ObservedPod): EvaluationReading {
  const end = containerOf(pod, evaluatorContainer)?.state?.terminated;
  const evidence = { job, pod, end, result: parseDocument(end?.message, evaluationResultSchema) };
  for (const check of checks) {
    const found = check(evidence);
    if (found !== undefined) return found;
  }
  const why = [pod.status?.reason, pod.status?.message].filter((part) => part !== undefined && part !== '').join(': ');
  return failed('Infrastructure', `the pod ended before the evaluator ran${why === '' ? '' : ` (${why})`}`);
}

const counted: Check = ({ end, result }) => {
  if (end?.exitCode !== exitCodes.complete) return undefined;
  const counts = result?.success;
  if (counts !== undefined && addsUp(counts)) return { type: 'Counts', counts };
  return failed('Internal', `the evaluator ended well but its counts cannot be read: ${quote(end.message)}`);
};

/** Counts that contradict themselves are no evidence. */
function addsUp({ data, n, outcome }: EvaluationCounts): boolean {
  return n <= data.rows && (rowsOf(outcome) ?? n) === n;
}

/** The rows in the table; sums of errors have none. */
function rowsOf(outcome: EvaluationCounts['outcome']): number | undefined {
  if (outcome.type === 'Classes') return outcome.right + outcome.wrong;
  if (outcome.type !== 'PairedClasses') return undefined;
  return outcome.bothRight + outcome.candidateOnly + outcome.liveOnly + outcome.bothWrong;
}

const outOfMemory: Check = ({ end }) =>
  end?.reason === 'OOMKilled'
    ? failed('OutOfMemory', 'the kernel killed the evaluator: the dataset is too large for it, use fewer rows')
    : undefined;

const told: Check = ({ result }) => result?.failure && failed(result.failure.class, result.failure.message);

/** The Job controller ended it, and killed the pod for it. */
const pastDeadline = ({ job }: Pick<Evidence, 'job'>): EvaluationFailed | undefined =>
  trueCondition(job.status?.conditions, 'Failed')?.reason === 'DeadlineExceeded'
    ? failed('Deadline', 'the evaluation was not over in time: see why its pod waited, or use fewer rows')
    : undefined;

/** Evicted, preempted, or its node went away. */
const disrupted: Check = ({ pod }) => {
  const disruption = trueCondition(pod.status?.conditions, 'DisruptionTarget');
  if (disruption === undefined && pod.status?.reason !== 'Evicted') return undefined;
  const message = disruption?.message ?? pod.status?.message ?? '';
  return failed(
    'Infrastructure',
    `the cluster took the pod away (${disruption?.reason ?? pod.status?.reason}): ${message}`,
  );
};

const startErrors = ['StartError', 'ContainerCannotRun'];

const notStarted: Check = ({ end }) =>
  end?.reason !== undefined && startErrors.includes(end.reason)
    ? failed('Image', `the evaluator could not start (${end.reason}): ${quote(end.message)}`)
    : undefined;

const stopped: Check = ({ end }) => {
  if (end === undefined) return undefined;
  const isKilled = end.exitCode === exitCodes.drained || end.exitCode === 137 || end.exitCode === 143;
  return isKilled || end.reason === 'ContainerStatusUnknown'
    ? failed('Infrastructure', `the evaluator was stopped from outside (exit code ${end.exitCode})`)
    : undefined;
};

const exited: Check = ({ end }) => {
  if (end === undefined) return undefined;
  const known = failureClasses.find((name) => codes.get(name) === end.exitCode);
  // The evaluator has no user code: what has no class is a fault of ours.
  const name = known === undefined || known === 'UserCode' ? 'Internal' : known;
  return failed(name, `the evaluator exited with code ${end.exitCode}: ${quote(end.message) || 'it said nothing'}`);
};

const codes: ReadonlyMap<string, number> = new Map(Object.entries(exitCodes));

const checks: readonly Check[] = [counted, outOfMemory, told, pastDeadline, disrupted, notStarted, stopped, exited];

function whyWaiting(pod: ObservedPod): string {
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const waiting = containerOf(pod, evaluatorContainer)?.state?.waiting;
  const why = unscheduled?.message ?? waiting?.message ?? waiting?.reason;
  return `pod ${pod.metadata.name} waits${why === undefined ? '' : `: ${why}`}`;
}

const quotedCharacters = 120;

/** The last words: what a process says before it ends. */
function quote(message: string | undefined): string {
  return cutStart(printable(message ?? ''), quotedCharacters);
}
