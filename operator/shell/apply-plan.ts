// Makes the cluster what a plan wants: the children of an object, none of them changed or removed on an old view.
import type { Child } from '../core/plan.ts';
import { type ApplyReport, applyChildren, type ChildCache, liveChildren } from '../kube/apply.ts';
import type { Desired, Live } from '../kube/apply-plan.ts';
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

type WriteEffects = { readonly client: KubeClient; readonly instruments: Instruments };

/** A planned child as the runtime applies it. */
function toDesired({ manifest, lifetime }: Child): Desired {
  const object = manifest as unknown as KubeObject;
  return {
    resource: resourceOf(manifest),
    object,
    immutable: lifetime !== 'Managed',
    keep: lifetime === 'Independent',
  };
}

const isSame = (a: { resource: Resource; object: KubeObject }, b: { resource: Resource; object: KubeObject }) =>
  a.resource.kind === b.resource.kind && a.object.metadata.name === b.object.metadata.name;

/**
 * What exists may be at work, so it is changed or removed only if the owner is still as the plan saw it: a cache may be
 * behind, that of a new leader most of all, and the caches of owner and children not equally far.
 * @throws ApiError 409 when the owner has changed; the next round sees it.
 */
async function confirmView({ client }: WriteEffects, { owner, ownerResource, signal }: ChildrenRequest): Promise<void> {
  const current = await client.find(ownerResource, owner.metadata, { signal });
  if (current?.metadata.resourceVersion === owner.metadata.resourceVersion) return;
  const message = `${owner.metadata.name} has changed since it was read`;
  throw new ApiError({ status: 409, reason: 'Conflict', message });
}

/** Creates, updates and prunes until the owner's children are the planned ones; a retained child is never created. */
export async function applyPlannedChildren(effects: WriteEffects, request: ChildrenRequest): Promise<ApplyReport> {
  const { owner, children, caches, signal } = request;
  const planned = children.map((child) => ({ child, desired: toDesired(child) }));
  const kept = planned.filter(({ child }) => child.lifetime === 'Independent').map(({ desired }) => desired);
  const live: readonly Live[] = liveChildren(owner, caches, kept);
  const desired = planned
    .filter(({ child, desired: each }) => child.lifetime !== 'Retained' || live.some((one) => isSame(one, each)))
    .map((each) => each.desired);
  const { client, instruments } = effects;
  const confirm = () => confirmView(effects, request);
  return applyChildren(client, { owner, desired, live, confirm, signal, instruments });
}
