// Makes the cluster what a plan wants: the children of an object, as the runtime applies them.
import { fieldManager, labels } from '../core/names.ts';
import type { Child } from '../core/plan.ts';
import type { Refusal } from '../core/refusals.ts';
import { type MadeChildren, makeChildren } from '../kube/apply/apply.ts';
import type { Desired, Live } from '../kube/apply/apply-plan.ts';
import type { ApplyReport, ForeignObject, Obstacle, RefusedChild } from '../kube/apply/apply-round.ts';
import { type ChildCache, liveChildren } from '../kube/apply/live-children.ts';
import type { OwnWrites } from '../kube/apply/own-writes.ts';
import type { RefusedChildren } from '../kube/apply/refused-children.ts';
import type { KubeClient } from '../kube/client.ts';
import { ApiError } from '../kube/errors.ts';
import type { Instruments } from '../kube/instruments.ts';
import type { KubeObject, Resource, Stored } from '../kube/objects.ts';
import { resourceOf } from './resources.ts';

export type ChildrenRequest = {
  readonly owner: Stored;
  readonly ownerResource: Resource;
  readonly children: readonly Child[];
  readonly caches: readonly ChildCache[];
  readonly signal: AbortSignal;
};

type WriteEffects = {
  readonly client: KubeClient;
  readonly instruments: Instruments;
  readonly ownWrites: Pick<OwnWrites, 'note'>;
  readonly refused: RefusedChildren<Obstacle>;
};

/** What is said of an object that has the name of a child. */
export function takenBy({ kind, name, isGoing }: ForeignObject): {
  readonly reason: 'NameTaken' | 'PredecessorGoing';
  readonly message: string;
} {
  if (isGoing) {
    const message = `waits for the old ${kind} ${name} to be gone; if it stays, look at its finalizers`;
    return { reason: 'PredecessorGoing', message };
  }
  const message = `${kind} ${name} belongs to something else; delete it, or create this object under another name`;
  return { reason: 'NameTaken', message };
}

/** A child that was refused, in words. */
export const refusalOf = ({ kind, name, cause }: RefusedChild): Refusal => ({
  kind,
  name,
  said: cause instanceof ApiError ? cause.said : cause.message,
});

/** Whether the status waits for a child: its maker forgets how to make it once the status says that it is there. */
export function isAwaited(children: readonly Child[], { unmade }: ApplyReport): boolean {
  const waits = children.filter(({ lifetime }) => lifetime === 'Independent').map(toDesired);
  return waits.some((each) => unmade.some((one) => isSame(one, each)));
}

/** A planned child as the runtime applies it. */
function toDesired({ manifest, lifetime }: Child): Desired {
  const object = manifest as unknown as KubeObject;
  return {
    resource: resourceOf(manifest),
    object,
    immutable: lifetime !== 'Managed',
    keep: lifetime === 'Independent',
    ...(lifetime === 'Shared'
      ? { isShared: ({ metadata }) => metadata.labels?.[labels.managedBy] === fieldManager }
      : {}),
  };
}

const isSame = (a: { resource: Resource; object: KubeObject }, b: { resource: Resource; object: KubeObject }) =>
  a.resource.kind === b.resource.kind && a.object.metadata.name === b.object.metadata.name;

/** Creates and updates until every planned child is there; a retained child is never created. */
export async function makePlannedChildren(effects: WriteEffects, request: ChildrenRequest): Promise<MadeChildren> {
  const { owner, ownerResource, children, caches, signal } = request;
  const planned = children.map((child) => ({ child, desired: toDesired(child) }));
  const named: readonly Child['lifetime'][] = ['Independent', 'Shared'];
  const kept = planned.filter(({ child }) => named.includes(child.lifetime)).map(({ desired }) => desired);
  const live: readonly Live[] = liveChildren(owner, caches, kept);
  const desired = planned
    .filter(({ child, desired: each }) => child.lifetime !== 'Retained' || live.some((one) => isSame(one, each)))
    .map((each) => each.desired);
  const { client, instruments, ownWrites, refused } = effects;
  return makeChildren(client, { owner, ownerResource, desired, live, signal, instruments, ownWrites, refused });
}
