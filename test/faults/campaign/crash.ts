// The operator dies at one of its writes: before the apiserver has it, or after, before the operator knows.
import type { ApiRequest } from '../proxy/api-request.ts';
import { WRITE_VERBS } from '../proxy/api-request.ts';
import type { Disturbance, Run } from './run.ts';
import { isRenewal, writeName } from './write-name.ts';

/** A write of a run without a fault, by name and by how many of that name came before it. */
export interface CrashPoint {
  readonly write: string;
  /** From 1. */
  readonly nth: number;
  readonly moment: 'before' | 'after';
}

/** Both sides of each write, in order. */
export function crashPoints(writes: readonly string[]): CrashPoint[] {
  return writes.flatMap((write, index) => {
    const nth = writes.slice(0, index + 1).filter((each) => each === write).length;
    return [
      { write, nth, moment: 'before' as const },
      { write, nth, moment: 'after' as const },
    ];
  });
}

/** Kills the operator at that point once, and starts the next one. */
export function crashAt({ write, nth, moment }: CrashPoint): Disturbance {
  let met = 0;
  let hasCrashed = false;
  let fatal: ApiRequest | undefined;
  const crash = async (run: Run): Promise<'discard'> => {
    hasCrashed = true;
    await run.replaceOperator();
    return 'discard';
  };
  return {
    name: `killed ${moment} ${write} #${nth}`,
    begin: (run) => {
      run.proxy.addRule({
        match: { verbs: WRITE_VERBS, when: (request) => !isRenewal(request) },
        fault: {
          kind: 'hook',
          beforeForward: (request) => {
            if (writeName(request) === write) met += 1;
            if (writeName(request) !== write || met !== nth || hasCrashed) return 'forward';
            fatal = request;
            return moment === 'before' ? crash(run) : 'forward';
          },
          afterCommit: (request) => (request === fatal && !hasCrashed ? crash(run) : 'answer'),
        },
      });
    },
    hasHappened: () => hasCrashed,
  };
}
