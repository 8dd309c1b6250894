// The shell's round, the same for every kind: observe, plan, make the children, write status once whatever became of them,
// send the events, remove what is no longer wanted, keep measuring, say when to come back. It decides nothing.
import type { z } from 'zod';
import { secondsToStalled, shorten } from '../core/conditions.ts';
import type { Instant, MeasureRequest, Plan, Resource as Planned, PlannedEvent } from '../core/plan.ts';
import type { Refusal } from '../core/refusals.ts';
import type { Obstacle } from '../kube/apply/apply-round.ts';
import { lookAgainMs, type OwnWrites } from '../kube/apply/own-writes.ts';
import type { RefusedChildren } from '../kube/apply/refused-children.ts';
import { applyStatusIfChanged } from '../kube/apply/status.ts';
import { isSame } from '../kube/apply/subset.ts';
import type { Store } from '../kube/cache/store.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Result } from '../kube/controller/controller.ts';
import type { EventRecorder } from '../kube/events/events.ts';
import type { Instruments } from '../kube/instruments.ts';
import type { KubeObject, Resource, Stored } from '../kube/objects.ts';
import { makePlannedChildren } from './apply-plan.ts';
import { objectParser } from './parse-object.ts';
import type { RefusedPods } from './refused-pods.ts';
import { type AnyStatus, blocked, tellOf } from './round-outcome.ts';
import type { StatusBudget } from './status-budget.ts';

/** What the round needs of a kind. */
export type KindPlumbing<Spec, Status extends AnyStatus, Observed> = {
  readonly resource: Resource;
  readonly store: Store<KubeObject>;
  readonly spec: z.ZodType<Spec>;
  readonly status: z.ZodType<Status>;
  /** Caches that hold children of this kind. */
  readonly children: readonly { readonly resource: Resource; readonly store: Store<KubeObject> }[];
  observe(object: Planned<Spec, Status>, signal: AbortSignal): Observed | Promise<Observed>;
  plan(observed: Observed, now: Instant): Plan<Status>;
  /** For a kind that plans statuses that can wait: whose turn it is. */
  readonly budget?: Turns | undefined;
  /** What was refused of that which the kind shares with others; undefined while that is not known. */
  refusedBesides?(object: Stored): readonly Refusal[] | undefined;
};

/** Who of those that can wait may write. */
export type Turns = Pick<StatusBudget, 'mayWrite' | 'leave'>;

export type RoundEffects = {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly instruments: Instruments;
  /** Makes `requests` the whole set of measurements taken for the object `key`. */
  measure(key: string, requests: readonly MeasureRequest[]): void;
  readonly ownWrites: Pick<OwnWrites, 'note' | 'isBehind'>;
  readonly refused: RefusedChildren<Obstacle>;
  readonly refusedPods: Pick<RefusedPods, 'look'>;
};

/** Status first, then the events that tell of it: a conflict sends none. @returns whether the status was written. */
async function write(
  { client, events, ownWrites }: RoundEffects,
  { live, resource, signal }: { readonly live: Stored; readonly resource: Resource; readonly signal: AbortSignal },
  told: { readonly status: object; readonly events: readonly PlannedEvent[] },
): Promise<boolean> {
  const written = await applyStatusIfChanged(client, { resource, live, status: told.status, signal });
  if (written) ownWrites.note(resource, { before: live, after: written });
  for (const { type, reason, message } of told.events) {
    events.record(live, { type, reason, action: 'Reconcile', note: shorten(message) });
  }
  return written !== undefined;
}

/** What a round that ended well asks for. @param seconds when to look again although nothing changed. */
export const wakeAfter = (seconds: number | undefined): Result | undefined =>
  seconds === undefined ? undefined : { requeueAfterMs: seconds * 1000 };

/**
 * Whether the status is to be left as it is for now: it can wait, and it is not the key's turn.
 * A key that waits is woken by its budget, and plans anew.
 */
function waitsForTurn<Status>(
  budget: Turns | undefined,
  key: string,
  { before, plan }: { readonly before: Status | undefined; readonly plan: Plan<Status> },
): boolean {
  if (plan.statusComesWithNext) {
    budget?.leave(key);
    return true;
  }
  if (plan.statusCanWait && !isSame(before, plan.status)) return budget?.mayWrite(key) === false;
  budget?.leave(key);
  return false;
}

const inSeconds = (ms: number | undefined) => (ms === undefined ? undefined : Math.max(1, Math.ceil(ms / 1000)));

function soonest(...seconds: readonly (number | undefined)[]): number | undefined {
  const known = seconds.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** The reconcile function of a kind. A throw goes to the queue, which backs off. */
export function createRound<Spec, Status extends AnyStatus, Observed>(
  kind: KindPlumbing<Spec, Status, Observed>,
  effects: RoundEffects,
): (key: string, signal: AbortSignal) => Promise<Result | undefined> {
  const { resource, children: caches } = kind;
  const parse = objectParser<Spec, Status>(kind);
  return async (key, signal) => {
    const live: (Stored & { status?: AnyStatus }) | undefined = kind.store.get(key);
    if (!live || live.metadata.deletionTimestamp !== undefined) {
      effects.measure(key, []);
      kind.budget?.leave(key);
      return undefined;
    }
    if (effects.ownWrites.isBehind(live)) return { requeueAfterMs: lookAgainMs };
    const now = Date.now();
    const target = { live, resource, signal };
    const tell = (told: { readonly status: object; readonly events: readonly PlannedEvent[] }) =>
      write(effects, target, told);
    const parsed = parse(live);
    if (!parsed.ok) {
      await tell(blocked(live, { now }, { reason: 'SpecInvalid', message: parsed.message }));
      return undefined;
    }
    const plan = kind.plan(await kind.observe(parsed.object, signal), now);
    const made = await makePlannedChildren(effects, {
      owner: live,
      ownerResource: resource,
      children: plan.desired,
      caches,
      signal,
    });
    const report = made.report();
    const besides = kind.refusedBesides ? kind.refusedBesides(live) : [];
    const pods = await effects.refusedPods.look(live, { wanted: plan.desired, now, signal });
    const told = tellOf(live, { plan, report, pods: pods.refusals, besides, now });
    const mayWait = told.isAsPlanned && waitsForTurn(kind.budget, key, { before: parsed.object.status, plan });
    const isConfirmed = mayWait ? false : await tell(told);
    if (report.failure) throw report.failure;
    if (!told.isHeldBack) await made.prune(isConfirmed);
    effects.measure(key, plan.measure);
    return wakeAfter(
      soonest(
        plan.wakeAfterSeconds,
        secondsToStalled(told.status.conditions, now),
        inSeconds(effects.refused.dueInMs(live.metadata.uid)),
        inSeconds(pods.againInMs),
      ),
    );
  };
}
