// What the apiserver, or what it asks before it stores an object, says against a child: turned into conditions with its
// words and the remedy. Nothing that serves is told to fail for it.
import type { Condition } from '@sluice/crds/fragments.ts';
import { printable } from '@sluice/crds/text.ts';
import { blockedConditions, mergeConditions, messageMax, shorten } from './conditions.ts';
import type { Instant, PlannedEvent } from './plan.ts';

/** A child that was not made or not changed; `said` are the words of whoever refused. */
export type Refusal = { readonly kind: string; readonly name: string; readonly said: string };

/** What is refused when the Job controller cannot make the pod of a Job, by the name of the Job. */
export const podOfJob = 'pod of Job';

/** What was told of the pod of that Job when it was looked at before; undefined when more was refused, or nothing. */
export function toldOfPod(conditions: readonly Condition[] | undefined, job: string): string | undefined {
  const message = conditions?.find(({ type }) => type === 'ChildRefused')?.message;
  return message?.startsWith(`${podOfJob} ${job}: `) ? message : undefined;
}

type Remedy = readonly [pattern: RegExp, remedy: string];

/** The first that knows the words says what to do. */
const remedies: readonly Remedy[] = [
  [/exceeded quota|failed quota|for quota/i, 'Raise the ResourceQuota, or ask for less.'],
  [/being terminated/i, 'Its namespace is being deleted: wait, or use another.'],
  [/calling webhook/i, 'Repair that webhook, or delete its configuration.'],
  [/denied (?:the )?request|admission webhook/i, 'Meet that policy, or exempt Sluice from it.'],
  [/security context constraint/i, "Grant the pod's ServiceAccount an SCC that fits, or report it."],
  [/(?:maximum|minimum) \S+ usage per|limit to request ratio/i, 'Ask for what the LimitRange allows, or change it.'],
  [/violates PodSecurity/i, "Relax the namespace's Pod Security, or report it."],
  [/\bcannot (?:\w+ )+resource|finalizers on/i, "Give the operator this right: see the chart's ClusterRole."],
  [/no answer in/i, 'Look for a webhook that does not answer, and at the apiserver.'],
  [/too large|too long|must (?:be no more|have at most)/i, 'Make it smaller.'],
  [/not found|could not find|no PriorityClass with name/i, 'Create what is missing.'],
];

const otherwise = 'Correct the field in spec, or what refuses it.';

/** What the apiserver says before the reason, and what the condition says already. */
const preamble = /^(?:Internal error occurred: )?(?:[\w.-]+ "[^"]*" is (?:forbidden|invalid): )?/;

const wordsOf = ({ said }: Refusal) => printable(said).replace(preamble, '');

const remedyOf = ({ said }: Refusal) => remedies.find(([pattern]) => pattern.test(said))?.[1] ?? otherwise;

/** Children that were refused with the same words, and what is said of them in at most `limit` characters. */
function tell(group: readonly Refusal[], limit: number): string {
  const [first] = group;
  if (first === undefined) return '';
  const names = group.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  const remedy = remedyOf(first);
  const what = shorten(`${shorten(names, limit / 2)}: ${wordsOf(first)}`, Math.max(40, limit - remedy.length - 2));
  return shorten(`${what}${/[.!?…]$/.test(what) ? '' : '.'} ${remedy}`, limit);
}

const groupsOf = (refusals: readonly Refusal[]): (readonly Refusal[])[] =>
  [...Map.groupBy(refusals, wordsOf).values()].toSorted((a, b) => b.length - a.length);

/** Groups that are told in one message; of more there is only room for how many they are. */
const mostTold = 3;

function messageOf(refusals: readonly Refusal[]): string {
  const groups = groupsOf(refusals);
  const told = groups.slice(0, mostTold);
  const left = groups.slice(mostTold).flat().length;
  const rest = left === 0 ? '' : ` (and ${left} more)`;
  const each = Math.floor((messageMax - rest.length) / told.length) - 1;
  return told.map((group) => tell(group, each)).join(' ') + rest;
}

type Told = {
  readonly previous: readonly Condition[] | undefined;
  readonly planned: readonly Condition[] | undefined;
};

/** Whether the object is as it should be, has failed, or waits for a person: a child that is refused changes none of it. */
function standsByItself(conditions: readonly Condition[]): boolean {
  const has = (type: string) => conditions.some((each) => each.type === type && each.status === 'True');
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' || has('Stalled') || (ready?.status === 'Unknown' && !has('Reconciling'));
}

/** No step forward waits for these. */
const besides = ['PodDisruptionBudget'];

/** Nothing is under way while what is on its way is held up. */
function progressOf(planned: readonly Condition[], refusals: readonly Refusal[], message: string): Condition[] {
  const isHeldUp = refusals.some(({ kind }) => !besides.includes(kind));
  if (!isHeldUp || !planned.some(({ type }) => type === 'Progressing')) return [...planned];
  return planned
    .filter(({ type }) => type !== 'Reconciling')
    .map((each) =>
      each.type === 'Progressing' ? { ...each, status: 'False', reason: 'ChildRefused', message } : each,
    );
}

/** The conditions with what was refused: `ChildRefused` always, and `Ready` where nothing better is known. */
export function refusedConditions(
  { previous, planned }: Told,
  refusals: readonly Refusal[],
  at: { readonly generation: number; readonly now: Instant },
): readonly Condition[] | undefined {
  if (refusals.length === 0) return planned;
  const message = shorten(messageOf(refusals));
  const said = { reason: 'ChildRefused', message } as const;
  const mark = mergeConditions(previous, [{ type: 'ChildRefused', status: 'True', ...said }], at);
  const others = progressOf(planned ?? [], refusals, message).filter(({ type }) => type !== 'ChildRefused');
  if (standsByItself(others)) return [...others, ...mark];
  return [...blockedConditions({ previous, planned: others }, { ...said, mayPass: true }, at), ...mark];
}

/** One event for all that were refused with the same words; none for what was told before. */
export function refusalEvents(
  previous: readonly Condition[] | undefined,
  refusals: readonly Refusal[],
): readonly PlannedEvent[] {
  const before = previous?.find(({ type }) => type === 'ChildRefused');
  if (refusals.length === 0 || before?.message === shorten(messageOf(refusals))) return [];
  return groupsOf(refusals).map((group) => ({
    type: 'Warning',
    reason: 'ChildRefused',
    message: tell(group, messageMax),
  }));
}
