// Decides how an attempt ended from how its training process ended.
import { exitCodes, type FailureClass, type TrainingResult } from '@sluice/crds/contract.ts';
import { cutEnd, printable } from '@sluice/crds/text.ts';
import type { Outcome } from '../messages.ts';

/** All that is known about the end of the training process. */
export type ChildEnd = {
  /** What it said itself, if it could. */
  readonly outcome: Outcome | undefined;
  readonly code: number | null;
  readonly signal: string | null;
  /** Why the supervisor killed it, if it did. */
  readonly killedFor: 'Hang' | 'Grace' | undefined;
  /** Kills by the kernel's out-of-memory killer since the start; undefined when its counters cannot be read. */
  readonly oomKills: number | undefined;
  /** Last lines of its standard error. */
  readonly lastLines: string;
  /** Longest time without a step: `spec.deadlines.progressSeconds`. */
  readonly progressSeconds: number;
};

/** Exit code of the supervisor and, unless it drained, its termination message. */
export type Verdict = { readonly exitCode: number; readonly result: TrainingResult | undefined };

type Check = (end: ChildEnd) => Verdict | null;

const messageMaxLength = 1024;

/** Fails the attempt; exit codes exist only for the classes that a trainer can see. */
function fail(name: FailureClass & keyof typeof exitCodes, message: string): Verdict {
  return {
    exitCode: exitCodes[name],
    result: { failure: { class: name, message: cutEnd(printable(message), messageMaxLength) } },
  };
}

function withLastLines(message: string, lastLines: string): string {
  return lastLines === '' ? message : `${message} ${lastLines}`;
}

const saidComplete: Check = ({ outcome }) =>
  outcome?.type === 'Complete' ? { exitCode: exitCodes.complete, result: { success: outcome.success } } : null;

const saidFailed: Check = ({ outcome }) => {
  if (outcome?.type !== 'Failed') return null;
  const name = outcome.failure.class;
  const exitCode = name in exitCodes ? exitCodes[name as keyof typeof exitCodes] : exitCodes.Internal;
  return { exitCode, result: { failure: outcome.failure } };
};

const saidDrained: Check = ({ outcome }) =>
  outcome?.type === 'Drained' ? { exitCode: exitCodes.drained, result: undefined } : null;

const hung: Check = ({ killedFor, progressSeconds }) =>
  killedFor === 'Hang'
    ? fail(
        'Hang',
        `No step for ${progressSeconds} s (spec.deadlines.progressSeconds): raise it if steps take that long, or look at the node.`,
      )
    : null;

const tooSlowToDrain: Check = ({ killedFor }) =>
  killedFor === 'Grace'
    ? fail('Infrastructure', 'The pod was told to stop and could not write a checkpoint in time.')
    : null;

const killedForMemory: Check = ({ signal, oomKills }) =>
  signal === 'SIGKILL' && oomKills !== 0
    ? fail(
        'OutOfMemory',
        'Training needs more than its memory limit: raise spec.resources.memory, or lower batchSize or hiddenUnits.',
      )
    : null;

const killedFromOutside: Check = ({ signal }) =>
  signal === 'SIGKILL' || signal === 'SIGTERM'
    ? fail('Infrastructure', `The training process was killed from outside (${signal}), not for memory.`)
    : null;

const heapExhausted: Check = ({ signal, code, lastLines }) =>
  (signal === 'SIGABRT' || code === 134) && /heap out of memory|bad_alloc/i.test(lastLines)
    ? fail('OutOfMemory', withLastLines('The JavaScript heap is full: raise spec.resources.memory.', lastLines))
    : null;

/** The builtin trainer has no user code, so a crash is a fault of ours. */
const crashed: Check = ({ signal, code, lastLines }) =>
  fail(
    'Internal',
    withLastLines(
      `The training process ended with ${signal ?? `exit code ${code}`} and no result; please report it.`,
      lastLines,
    ),
  );

const checks: readonly Check[] = [
  saidComplete,
  saidFailed,
  saidDrained,
  hung,
  tooSlowToDrain,
  killedForMemory,
  killedFromOutside,
  heapExhausted,
  crashed,
];

/** The first check that knows the end decides. */
export function judgeEnd(end: ChildEnd): Verdict {
  for (const check of checks) {
    const verdict = check(end);
    if (verdict !== null) return verdict;
  }
  throw new Error('The last check accepts everything.');
}
