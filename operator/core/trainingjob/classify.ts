// Says how an attempt's pod ended: a result, an orderly stop, or a failure with its class. An ordered chain of checks;
// the first that knows the answer gives it.
import {
  exitCodes,
  type FailureClass,
  failureClasses,
  type TrainingResult,
  trainingResultSchema,
} from '@sluice/crds/contract.ts';
import { cutStart, printable } from '@sluice/crds/text.ts';
import { containerOf, trueCondition } from '../pods/children.ts';
import type { ContainerEnd, ObservedPod } from '../pods/observed.ts';
import { parseDocument } from '../pods/termination-message.ts';
import { trainerContainer } from './job.ts';

export type Success = NonNullable<TrainingResult['success']>;
export type DataRecord = Success['data'];

export type AttemptFailure = {
  readonly type: 'Failure';
  readonly class: FailureClass;
  readonly message: string;
  readonly exitCode?: number | undefined;
  readonly pod?: string | undefined;
  readonly data?: DataRecord | undefined;
};

/** `Drained`: SIGTERM came, a checkpoint was written, nothing failed. */
export type Ending =
  | { readonly type: 'Success'; readonly success: Success }
  | { readonly type: 'Drained' }
  | AttemptFailure;

type Evidence = {
  readonly pod: ObservedPod;
  readonly end: ContainerEnd | undefined;
  readonly result: TrainingResult | undefined;
};
type Check = (evidence: Evidence) => Omit<AttemptFailure, 'type' | 'pod' | 'exitCode'> | Ending | undefined;

/** Judges a pod that has ended. The message of our own supervisor counts before any guess from exit codes. */
export function classifyPod(pod: ObservedPod): Ending {
  const end = containerOf(pod, trainerContainer)?.state?.terminated;
  const evidence = { pod, end, result: parseDocument(end?.message, trainingResultSchema) };
  for (const check of checks) {
    const found = check(evidence);
    if (found === undefined) continue;
    if ('type' in found) return found;
    return { type: 'Failure', ...found, exitCode: end?.exitCode, pod: pod.metadata.name };
  }
  return { type: 'Failure', class: 'Infrastructure', message: neverRan(pod), pod: pod.metadata.name };
}

/** An attempt whose pod is gone before its result was read. */
export const lostAttempt = (message: string): AttemptFailure => ({ type: 'Failure', class: 'Infrastructure', message });

const succeeded: Check = ({ end, result }) => {
  if (end?.exitCode !== exitCodes.complete) return undefined;
  if (result?.success !== undefined && isNamedByDigest(result.success))
    return { type: 'Success', success: result.success };
  return {
    class: 'Internal',
    message: `the trainer ended well but its result cannot be read: ${quote(end.message) || 'it left none'}`,
  };
};

/** A bundle is found by its digest alone, so its directory has to be named by it. */
const isNamedByDigest = ({ bundle }: Success) => bundle.directory === bundle.digest.replace(':', '-');

const drained: Check = ({ end }) => (end?.exitCode === exitCodes.drained ? { type: 'Drained' } : undefined);

const outOfMemory: Check = ({ end }) =>
  end?.reason === 'OOMKilled'
    ? { class: 'OutOfMemory', message: 'the kernel killed the trainer: it used more than resources.memory' }
    : undefined;

const told: Check = ({ result }) =>
  result?.failure && {
    class: result.failure.class,
    message: result.failure.message,
    data: result.failure.data,
  };

/** The pod was taken away by the cluster: eviction, preemption, node shutdown, taint, garbage collection. */
const disrupted: Check = ({ pod }) => {
  const disruption = trueCondition(pod.status?.conditions, 'DisruptionTarget');
  if (disruption === undefined && pod.status?.reason !== 'Evicted') return undefined;
  const reason = disruption?.reason ?? pod.status?.reason;
  const message = disruption?.message ?? pod.status?.message ?? '';
  return { class: 'Infrastructure', message: `the cluster took the pod away (${reason}): ${message}` };
};

const startErrors = ['StartError', 'ContainerCannotRun'];

const notStarted: Check = ({ end }) =>
  end?.reason !== undefined && startErrors.includes(end.reason)
    ? { class: 'Image', message: `the container could not start (${end.reason}): ${quote(end.message)}` }
    : undefined;

/** Codes of the shell and the kernel for SIGKILL and SIGTERM, without a reason of the kubelet. */
const killed: Check = ({ end, pod }) => {
  if (end?.reason === 'ContainerStatusUnknown') {
    return { class: 'Infrastructure', message: 'the node lost sight of the container' };
  }
  if (end?.exitCode !== 137 && end?.exitCode !== 143) return undefined;
  const why = pod.metadata.deletionTimestamp === undefined ? 'from outside' : 'because its pod was deleted';
  return { class: 'Infrastructure', message: `the trainer was killed ${why} (exit code ${end.exitCode})` };
};

const exited: Check = ({ end }) => {
  if (end === undefined) return undefined;
  const known = failureClasses.find((name) => codes.get(name) === end.exitCode);
  const lines = quote(end.message);
  return {
    class: known ?? 'UserCode',
    message: `the trainer exited with code ${end.exitCode}${lines === '' ? ' and said nothing' : `: ${lines}`}`,
  };
};

const checks: readonly Check[] = [succeeded, drained, outOfMemory, told, disrupted, notStarted, killed, exited];

const codes: ReadonlyMap<string, number> = new Map(Object.entries(exitCodes));

function neverRan({ status }: ObservedPod): string {
  const why = [status?.reason, status?.message].filter((part) => part !== undefined && part !== '').join(': ');
  return `the pod ended before the trainer ran${why === '' ? '' : ` (${why})`}`;
}

/** The last lines, short enough for `status.failure.message` with a remedy behind it. */
function quote(message: string | undefined): string {
  return cutStart(printable(message ?? ''), lastCharacters);
}
const lastCharacters = 700;
