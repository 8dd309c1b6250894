// The shell's round, the same for every kind: observe, plan, apply the children, write status once, send the events,
// keep measuring, say when to come back. It decides nothing.
import type { z } from 'zod';
import { formatTime, type Statement, shorten } from '../core/conditions.ts';
import type { Child, Instant, MeasureRequest, Plan, Resource as Planned } from '../core/plan.ts';
import { applyChildren, applyStatusIfChanged, liveChildren } from '../kube/apply.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Result } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Instruments } from '../kube/instruments.ts';
import type { KubeObject, Resource, Stored } from '../kube/objects.ts';
import type { Store } from '../kube/store.ts';
import { resourceOf } from './resources.ts';

/** What the round needs of a kind. */
export type KindPlumbing<Spec, Status, Observed> = {
  readonly resource: Resource;
  readonly store: Store<KubeObject>;
  readonly spec: z.ZodType<Spec>;
  /** Caches that hold children of this kind. */
  readonly children: readonly { readonly resource: Resource; readonly store: Store<KubeObject> }[];
  observe(object: Planned<Spec, Status>, signal: AbortSignal): Observed | Promise<Observed>;
  plan(observed: Observed, now: Instant): Plan<Status>;
};

export type RoundEffects = {
  readonly client: KubeClient;
  readonly events: EventRecorder;
  readonly instruments: Instruments;
  /** Makes `requests` the whole set of measurements taken for the object `key`. */
  measure(key: string, requests: readonly MeasureRequest[]): void;
};

type Parsed<Spec, Status> = { ok: true; object: Planned<Spec, Status> } | { ok: false; message: string };

/** The one place where an object's JSON becomes a typed resource: stored before a schema changed, it may not fit. */
function parse<Spec, Status>(live: Stored, schema: z.ZodType<Spec>): Parsed<Spec, Status> {
  const raw = live as Stored & { spec?: unknown; status?: Status };
  const parsed = schema.safeParse(raw.spec);
  if (parsed.success) {
    const metadata = { ...live.metadata, namespace: live.metadata.namespace ?? '' };
    return { ok: true, object: { metadata, spec: parsed.data, status: raw.status } };
  }
  const issue = parsed.error.issues[0];
  return {
    ok: false,
    message: `spec.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit the schema'}; correct the field`,
  };
}

/** A spec that no longer fits is the user's to mend: it is said on the object, and nothing else is touched. */
function invalidSpecStatus(live: Stored, message: string, now: Instant): object {
  const stalled: Statement[] = [
    { type: 'Ready', status: 'False', reason: 'SpecInvalid', message },
    { type: 'Stalled', status: 'True', reason: 'SpecInvalid', message },
  ];
  const before = (live as Stored & { status?: { conditions?: { type: string; lastTransitionTime: string }[] } }).status;
  const conditions = stalled.map((statement) => ({
    ...statement,
    message: shorten(message),
    observedGeneration: live.metadata.generation,
    lastTransitionTime:
      before?.conditions?.find(({ type }) => type === statement.type)?.lastTransitionTime ?? formatTime(now),
  }));
  return { ...before, observedGeneration: live.metadata.generation, conditions };
}

/** A planned child as the runtime applies it. */
export function toDesired({ manifest, lifetime }: Child) {
  const object = manifest as unknown as KubeObject;
  return {
    resource: resourceOf(manifest),
    object,
    immutable: lifetime !== 'Managed',
    keep: lifetime === 'Independent',
    mayCreate: lifetime !== 'Retained',
  };
}

/** The reconcile function of a kind. A throw goes to the queue, which backs off. */
export function createRound<Spec, Status extends object, Observed>(
  kind: KindPlumbing<Spec, Status, Observed>,
  effects: RoundEffects,
): (key: string, signal: AbortSignal) => Promise<Result | undefined> {
  const { client, events, instruments } = effects;
  return async (key, signal) => {
    const live = kind.store.get(key);
    if (!live || live.metadata.deletionTimestamp !== undefined) {
      effects.measure(key, []);
      return undefined;
    }
    const now = Date.now();
    const parsed = parse<Spec, Status>(live, kind.spec);
    if (!parsed.ok) {
      const status = invalidSpecStatus(live, parsed.message, now);
      await applyStatusIfChanged(client, { resource: kind.resource, live, status, signal });
      return undefined;
    }
    const plan = kind.plan(await kind.observe(parsed.object, signal), now);
    const desired = plan.desired.map(toDesired);
    const children = liveChildren(
      live,
      kind.children,
      desired.filter(({ keep }) => keep),
    );
    const names = new Set(children.map(({ object }) => object.metadata.name));
    const wanted = desired.filter(({ mayCreate, object }) => mayCreate || names.has(object.metadata.name));
    await applyChildren(client, { owner: live, desired: wanted, live: children, signal, instruments });
    await applyStatusIfChanged(client, { resource: kind.resource, live, status: plan.status, signal });
    for (const { type, reason, message } of plan.events) {
      events.record(live, { type, reason, action: 'Reconcile', note: message });
    }
    effects.measure(key, plan.measure);
    return plan.wakeAfterSeconds === undefined ? undefined : { requeueAfterMs: plan.wakeAfterSeconds * 1000 };
  };
}
