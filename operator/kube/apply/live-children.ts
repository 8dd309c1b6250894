// The children of an owner, as caches have them.
import type { Store } from '../cache/store.ts';
import { nameKey, type Resource, type Stored } from '../objects.ts';
import type { Desired, Live } from './apply-plan.ts';

/** A cache of children. */
export interface ChildCache {
  readonly resource: Resource;
  readonly store: Pick<Store, 'ownedBy' | 'get'>;
}

/** The owner's children in these caches, and the objects that have the names of `kept` ones. */
export function liveChildren(owner: Stored, caches: readonly ChildCache[], kept: readonly Desired[] = []): Live[] {
  const owned = caches.flatMap(({ resource, store }) =>
    store.ownedBy(owner.metadata).map((object) => ({ resource, object })),
  );
  const named = kept.flatMap(({ resource, object: { metadata } }) => {
    const cache = caches.find(
      (each) => each.resource.plural === resource.plural && each.resource.group === resource.group,
    );
    const object = cache?.store.get(nameKey(metadata));
    const isOwned = owned.some((each) => each.object.metadata.uid === object?.metadata.uid);
    return object === undefined || isOwned ? [] : [{ resource, object }];
  });
  return [...owned, ...named];
}
