// The operator dies at one of its writes: before the apiserver has it, or after, before the operator knows.
import type { ApiRequest } from '../proxy/api-request.ts';
import { WRITE_VERBS } from '../proxy/api-request.ts';
import { isAccepted } from '../proxy/record.ts';
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

/** Kills the operator at that point once, and starts the next one. What the apiserver refuses is no write. */
export function crashAt({ write, nth, moment }: CrashPoint): Disturbance {
  let accepted = 0;
  let hasCrashed = false;
  const crash = async (run: Run): Promise<'discard'> => {
    hasCrashed = true;
    await run.replaceOperator();
    return 'discard';
  };
  return {
    name: `killed ${moment} ${write} #${nth}`,
    begin: (run) => {
      const when = (request: ApiRequest) => !isRenewal(request) && writeName(request) === write;
      const isDue = (side: CrashPoint['moment'], before: number) =>
        moment === side && !hasCrashed && accepted === before;
      run.proxy.addRule({
        match: { verbs: WRITE_VERBS, when },
        fault: {
          kind: 'hook',
          beforeForward: () => (isDue('before', nth - 1) ? crash(run) : 'forward'),
          afterCommit: (_request, status) => {
            if (isAccepted({ status })) accepted += 1;
            return isDue('after', nth) ? crash(run) : 'answer';
          },
        },
      });
    },
    hasHappened: () => hasCrashed,
  };
}
