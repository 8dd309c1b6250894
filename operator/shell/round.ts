// The shell's round, the same for every kind: observe, plan, make the children, write status once, send the events,
// remove what is no longer wanted, keep measuring, say when to come back. It decides nothing.
import type { Condition } from '@sluice/crds/fragments.ts';
import type { z } from 'zod';
import { blockedConditions, shorten } from '../core/conditions.ts';
import type { Instant, MeasureRequest, Plan, Resource as Planned, PlannedEvent } from '../core/plan.ts';
import { applyStatusIfChanged } from '../kube/apply.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Result } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Instruments } from '../kube/instruments.ts';
import type { KubeObject, Resource, Stored } from '../kube/objects.ts';
import { lookAgainMs, type OwnWrites } from '../kube/own-writes.ts';
import type { Store } from '../kube/store.ts';
import { isSame } from '../kube/subset.ts';
import { makePlannedChildren, nameTakenMessage, nameTakenRetrySeconds } from './apply-plan.ts';
import { objectParser } from './parse-object.ts';
import type { StatusBudget } from './status-budget.ts';

/** What every status of ours has. */
export type AnyStatus = { readonly conditions?: Condition[] | undefined };

/** What the round needs of a kind. */
export type KindPlumbing<Spec, Status extends AnyStatus, Observed> = {
  readonly resource: Resource;
  readonly store: Store<KubeObject>;
  readonly spec: z.ZodType<Spec>;
  /** Caches that hold children of this kind. */
  readonly children: readonly { readonly resource: Resource; readonly store: Store<KubeObject> }[];
  observe(object: Planned<Spec, Status>, signal: AbortSignal): Observed | Promise<Observed>;
  plan(observed: Observed, now: Instant): Plan<Status>;
  /** For a kind that plans statuses that can wait: whose turn it is. */
  readonly budget?: Turns | undefined;
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
};

type BlockReason = 'SpecInvalid' | 'NameTaken';

/** What a planner cannot see is said on every kind in the same words; the event comes once. */
function blocked(
  live: Stored & { status?: AnyStatus },
  { planned, now }: { readonly planned?: AnyStatus; readonly now: Instant },
  said: { readonly reason: BlockReason; readonly message: string },
): { status: AnyStatus; events: PlannedEvent[] } {
  const previous = live.status?.conditions;
  const { generation } = live.metadata;
  const conditions = blockedConditions({ previous, planned: planned?.conditions }, said, {
    generation,
    now,
  });
  const wasSaid = previous?.some(({ type, reason }) => type === 'Stalled' && reason === said.reason);
  return {
    status: { ...(planned ?? live.status), ...{ observedGeneration: generation }, conditions },
    events: wasSaid ? [] : [{ type: 'Warning', reason: said.reason, message: said.message }],
  };
}

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
  if (plan.statusCanWait && !isSame(before, plan.status)) return budget?.mayWrite(key) === false;
  budget?.leave(key);
  return false;
}

/** The reconcile function of a kind. A throw goes to the queue, which backs off. */
export function createRound<Spec, Status extends AnyStatus, Observed>(
  kind: KindPlumbing<Spec, Status, Observed>,
  effects: RoundEffects,
): (key: string, signal: AbortSignal) => Promise<Result | undefined> {
  const { resource, children: caches } = kind;
  const parse = objectParser<Spec, Status>(kind.spec);
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
    const [taken] = made.report().foreign;
    let isConfirmed = false;
    if (taken) {
      const stop = blocked(
        live,
        { planned: plan.status, now },
        {
          reason: 'NameTaken',
          message: nameTakenMessage(taken),
        },
      );
      isConfirmed = await tell({ status: stop.status, events: [...plan.events, ...stop.events] });
    } else if (!waitsForTurn(kind.budget, key, { before: parsed.object.status, plan })) {
      isConfirmed = await tell(plan);
    }
    await made.prune(isConfirmed);
    effects.measure(key, plan.measure);
    return wakeAfter(
      taken ? Math.min(nameTakenRetrySeconds, plan.wakeAfterSeconds ?? nameTakenRetrySeconds) : plan.wakeAfterSeconds,
    );
  };
}
