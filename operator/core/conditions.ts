// The status contract in one place: conditions are set by type, keep their transition time while their status stays, and
// never hold more than a person reads.
import type { Condition } from '@sluice/crds/fragments.ts';
import type { Reason } from '@sluice/crds/reasons.ts';
import { headOf, printable } from '@sluice/crds/text.ts';
import type { Instant } from './plan.ts';

/** A condition before its bookkeeping: what a planner says. */
export type Statement = Pick<Condition, 'type' | 'status' | 'message'> & { readonly reason: Reason };

/** RFC 3339 without fractions, as Kubernetes writes times. */
export const formatTime = (instant: Instant) => new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** The same with milliseconds. */
export const formatMilliTime = (instant: Instant) => new Date(instant).toISOString();

export const parseTime = (time: string): Instant => Date.parse(time);

/** Whole seconds from `time` until `now`, at least 0. */
export const secondsSince = (time: string, now: Instant) => Math.max(0, Math.floor((now - parseTime(time)) / 1000));

/** What a condition says without its sentence, which holds figures that move while nothing else does. */
export const withoutMessage = ({ message: _, ...said }: Condition): Omit<Condition, 'message'> => said;

/** Characters of a message that a person reads. */
export const messageMax = 200;

/** One printable line that fits: cut at a word where possible. */
export function shorten(message: string, limit = messageMax): string {
  const line = printable(message);
  if (line.length <= limit) return line;
  const cut = headOf(line, limit - 1);
  const word = cut.lastIndexOf(' ');
  return `${word > limit / 2 ? cut.slice(0, word) : cut}…`;
}

/**
 * The conditions that hold now, ordered by `statements`. What is not stated is gone, so conditions that exist only while
 * they are true (Reconciling, Stalled) need no removal.
 */
export function mergeConditions(
  previous: readonly Condition[] | undefined,
  statements: readonly Statement[],
  at: { generation: number; now: Instant },
): Condition[] {
  return statements.map((statement) => {
    const before = previous?.find(({ type }) => type === statement.type);
    const changed = before === undefined || before.status !== statement.status;
    return {
      ...statement,
      message: shorten(statement.message),
      observedGeneration: at.generation,
      lastTransitionTime: changed ? formatTime(at.now) : before.lastTransitionTime,
    };
  });
}

/**
 * The conditions of an object that cannot go on for a reason that no planner sees: its spec does not fit, or the name of
 * a child is taken. What else was said of it still holds.
 */
export function blockedConditions(
  {
    previous,
    planned,
  }: { readonly previous: readonly Condition[] | undefined; readonly planned?: readonly Condition[] | undefined },
  said: { readonly reason: Reason; readonly message: string },
  at: { generation: number; now: Instant },
): Condition[] {
  const statements: Statement[] = [
    { type: 'Ready', status: 'False', ...said },
    { type: 'Stalled', status: 'True', ...said },
  ];
  const replaced = ['Ready', 'Reconciling', 'Stalled'];
  const rest = (planned ?? previous ?? []).filter(({ type }) => !replaced.includes(type));
  return [...mergeConditions(previous, statements, at), ...rest];
}
