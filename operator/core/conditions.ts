// The status contract in one place: conditions are set by type, keep their transition time while their status stays, and
// never hold more than a person reads.
import type { Condition } from '@sluice/crds/fragments.ts';
import { type Reason, type ReasonText, reasons } from '@sluice/crds/reasons.ts';
import { headOf, printable } from '@sluice/crds/text.ts';
import { lastInstant } from '@sluice/crds/v1alpha1/rollout-status.ts';
import type { Instant } from './plan.ts';

/** A condition before its bookkeeping: what a planner says. */
export type Statement = Pick<Condition, 'type' | 'status' | 'message'> & {
  readonly reason: Reason;
  /** Of `Stalled`: the cause passes by itself at times. Until it has stood for a minute, it is told as `Reconciling`. */
  readonly mayPass?: true;
};

/** RFC 3339 without fractions, as Kubernetes writes times. */
export const formatTime = (instant: Instant) => dateOf(instant).replace(/\.\d{3}Z$/, 'Z');

/** The same with milliseconds. */
export const formatMilliTime = (instant: Instant) => dateOf(instant);

/** What is no time was long ago: whatever waits for it need not wait. */
export const parseTime = (time: string): Instant => {
  const instant = Date.parse(time);
  return Number.isNaN(instant) ? 0 : instant;
};

/** A moment that has no date with four digits in its year is said as the last that has one. */
const dateOf = (instant: Instant) => new Date(Math.min(lastInstant, Math.max(firstInstant, instant))).toISOString();
const firstInstant = Date.parse('0001-01-01T00:00:00Z');

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

/** GitOps tools give up at the first `Stalled`: what heals within this time, in seconds, is never told as such. */
export const stallsAfterSeconds = 60;

const standings = ['Reconciling', 'Stalled'];

/** The condition by which the cause was told before, as long as it stands. */
const toldBefore = (previous: readonly Condition[] | undefined, { reason }: Statement) =>
  previous?.find((before) => standings.includes(before.type) && before.reason === reason);

/** Whether a cause that may pass is not yet to be told as `Stalled`. */
function mayStillPass(previous: readonly Condition[] | undefined, statement: Statement, now: Instant): boolean {
  if (statement.type !== 'Stalled' || !statement.mayPass) return false;
  const before = toldBefore(previous, statement);
  if (before?.type === 'Stalled') return false;
  return before === undefined || secondsSince(before.lastTransitionTime, now) < stallsAfterSeconds;
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
  const passing = statements.find((statement) => mayStillPass(previous, statement, at.now));
  const told = passing ? statements.filter(({ type }) => type !== 'Reconciling') : statements;
  return told.map((statement) => {
    const isPassing = statement === passing;
    const type = isPassing ? 'Reconciling' : statement.type;
    const before = isPassing ? toldBefore(previous, statement) : previous?.find((each) => each.type === type);
    const { status, reason, message } = statement;
    return {
      type,
      status,
      reason,
      message: shorten(message),
      observedGeneration: at.generation,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : formatTime(at.now),
    };
  });
}

/** Reasons that are told as Reconciling first and as Stalled later. */
const passingReasons = new Set(
  Object.values(reasons).flatMap((table) =>
    Object.entries<ReasonText>(table).flatMap(([reason, { on }]) =>
      standings.every((type) => (on as readonly string[]).includes(type)) ? [reason] : [],
    ),
  ),
);

/** When a cause that may pass is to be told as Stalled, if it stands until then. */
export function secondsToStalled(conditions: readonly Condition[] | undefined, now: Instant): number | undefined {
  const cause = conditions?.find(({ type, reason }) => type === 'Reconciling' && passingReasons.has(reason));
  return cause && Math.max(1, stallsAfterSeconds - secondsSince(cause.lastTransitionTime, now));
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
  said: { readonly reason: Reason; readonly message: string; readonly mayPass?: true },
  at: { generation: number; now: Instant },
): Condition[] {
  const statements: Statement[] = [
    { type: 'Ready', status: 'False', reason: said.reason, message: said.message },
    { type: 'Stalled', status: 'True', ...said },
  ];
  const replaced = ['Ready', 'Reconciling', 'Stalled'];
  const rest = (planned ?? previous ?? []).filter(({ type }) => !replaced.includes(type));
  return [...mergeConditions(previous, statements, at), ...rest];
}
