// Says how a one-shot pod ended: a result, a stop in order, or a failure with its class. An ordered chain of checks; the
// first that knows the answer gives it. The word of our own program counts before any guess from exit codes.
import { exitCodes, failureClasses } from '@sluice/crds/contract.ts';
import { cutStart, printable } from '@sluice/crds/text.ts';
import { containerOf, trueCondition } from '../children.ts';
import type { ContainerEnd, ObservedJob, ObservedPod } from '../observed.ts';
import type { Failing, Program } from './program.ts';

/** `exitCode` and `pod` are of the container that ended, where there was one. */
export type OneShotFailure = Failing & {
  readonly type: 'Failure';
  readonly exitCode?: number | undefined;
  readonly pod?: string | undefined;
};

export type Ending<Result> =
  | { readonly type: 'Result'; readonly result: Result }
  /** SIGTERM came, and it stopped so that another attempt goes on from there. */
  | { readonly type: 'Drained' }
  | OneShotFailure;

type Evidence = {
  /** Absent when it is gone. */
  readonly job: ObservedJob | undefined;
  readonly pod: ObservedPod;
  readonly end: ContainerEnd | undefined;
  readonly program: Program<unknown>;
};
type Check = (evidence: Evidence) => Failing | undefined;

/** @param pod one that has ended */
export function endingOf<Result>(
  pod: ObservedPod,
  program: Program<Result>,
  job?: ObservedJob | undefined,
): Ending<Result> {
  const end = containerOf(pod, program.container)?.state?.terminated;
  const result = end && program.result(end);
  if (result !== undefined) return { type: 'Result', result };
  if (program.resumes && end?.exitCode === exitCodes.drained) return { type: 'Drained' };
  const evidence = { job, pod, end, program };
  for (const check of checks) {
    const found = check(evidence);
    if (found !== undefined) return { type: 'Failure', ...found, exitCode: end?.exitCode, pod: pod.metadata.name };
  }
  return { type: 'Failure', class: 'Infrastructure', message: neverRan(evidence), pod: pod.metadata.name };
}

/** A pod that is gone before its result was read. */
export const lost = (message: string): OneShotFailure => ({ type: 'Failure', class: 'Infrastructure', message });

const unreadable: Check = ({ end, program }) =>
  end?.exitCode === exitCodes.complete
    ? {
        class: 'Internal',
        message: `${program.called} ended well but its result cannot be read: ${quote(end, program) || 'it left none'}`,
      }
    : undefined;

const outOfMemory: Check = ({ end, program }) =>
  end?.reason === 'OOMKilled' ? { class: 'OutOfMemory', message: program.outOfMemory } : undefined;

const told: Check = ({ end, program }) => end && program.told(end);

/** The Job controller ended it, and killed the pod for it. */
export const pastDeadline = (job: ObservedJob | undefined): Failing | undefined =>
  trueCondition(job?.status?.conditions, 'Failed')?.reason === 'DeadlineExceeded'
    ? { class: 'Deadline', message: `Job ${job?.metadata.name} took longer than its activeDeadlineSeconds` }
    : undefined;

/** The pod was taken away by the cluster: eviction, preemption, node shutdown, taint, garbage collection. */
const disrupted: Check = ({ pod }) => {
  const disruption = trueCondition(pod.status?.conditions, 'DisruptionTarget');
  if (disruption === undefined && pod.status?.reason !== 'Evicted') return undefined;
  const reason = disruption?.reason ?? pod.status?.reason;
  const message = disruption?.message ?? pod.status?.message ?? '';
  return { class: 'Infrastructure', message: `the cluster took the pod away (${reason}): ${message}` };
};

const startErrors = ['StartError', 'ContainerCannotRun'];

const notStarted: Check = ({ end, program }) =>
  end?.reason !== undefined && startErrors.includes(end.reason)
    ? { class: 'Image', message: `${program.called} could not start (${end.reason}): ${quote(end, program)}` }
    : undefined;

/** Codes of the shell and the kernel for SIGKILL and SIGTERM, without a reason of the kubelet; and a stop in order. */
const stopped: Check = ({ end, pod, program }) => {
  if (end?.reason === 'ContainerStatusUnknown') {
    return { class: 'Infrastructure', message: 'the node lost sight of the container' };
  }
  const verb = end && stopCodes.get(end.exitCode);
  if (end === undefined || verb === undefined) return undefined;
  const why = pod.metadata.deletionTimestamp === undefined ? 'from outside' : 'because its pod was deleted';
  return { class: 'Infrastructure', message: `${program.called} was ${verb} ${why} (exit code ${end.exitCode})` };
};

const stopCodes: ReadonlyMap<number, string> = new Map([
  [exitCodes.drained, 'stopped'],
  [137, 'killed'],
  [143, 'killed'],
]);

const exited: Check = ({ end, program }) => {
  if (end === undefined) return undefined;
  const known = failureClasses.find((name) => codes.get(name) === end.exitCode);
  const lines = quote(end, program);
  return {
    class: known === undefined || known === 'UserCode' ? program.unknownCode : known,
    message: `${program.called} exited with code ${end.exitCode}${lines === '' ? ' and said nothing' : `: ${lines}`}`,
  };
};

/** A container that others put before ours failed: ours never ran. */
const initFailed: Check = ({ end, pod, program }) => {
  if (end !== undefined) return undefined;
  const failed = pod.status?.initContainerStatuses?.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const code = failed?.state?.terminated;
  if (failed === undefined || code === undefined) return undefined;
  const lines = quote(code, program) || (code.reason ?? 'it said nothing');
  const message = `init container ${failed.name}, which Sluice did not add, exited with code ${code.exitCode}: ${lines}`;
  return { class: 'Infrastructure', message };
};

const checks: readonly Check[] = [
  unreadable,
  outOfMemory,
  told,
  ({ job }) => pastDeadline(job),
  disrupted,
  notStarted,
  stopped,
  exited,
  initFailed,
];

const codes: ReadonlyMap<string, number> = new Map(Object.entries(exitCodes));

function neverRan({ pod: { status }, program }: Evidence): string {
  const why = [status?.reason, status?.message].filter((part) => part !== undefined && part !== '').join(': ');
  return `the pod ended before ${program.called} ran${why === '' ? '' : ` (${why})`}`;
}

/** The last lines: what a process says before it ends. */
function quote({ message }: ContainerEnd, { quoted }: Program<unknown>): string {
  return cutStart(printable(message ?? ''), quoted);
}
