// Fills a store as a reflector does, but at once.

import type { Store } from '../cache/store.ts';
import { type KubeObject, keyOf, type Stored } from '../objects.ts';

/** Takes in a whole list. */
export function takeList<T extends KubeObject>(store: Store<T>, objects: readonly Stored<T>[]): void {
  for (const object of objects) store.upsert(object);
  for (const gone of store.missingFrom(new Set(objects.map(keyOf)))) store.remove(gone);
  store.markSynced();
}
