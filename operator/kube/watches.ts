// Says which keys a change of an object concerns: its own, or that of the object that controls it.
import { controllerOf, type KubeObject, keyOf, nameKey, type Stored } from './objects.ts';
import type { Store } from './store.ts';

/** From an object to the keys to reconcile. Pure and quick: it runs for each watch event. */
export type Mapper<T extends KubeObject = KubeObject> = (object: Stored<T>) => readonly string[];

/** A cache whose changes wake a controller. */
export interface Watch {
  hasSynced(): boolean;
  synced(signal: AbortSignal): Promise<void>;
  /** Calls `wake` for all objects there are, then for each change, until the returned function is called. */
  begin(wake: (key: string) => void, failed: (error: unknown) => void): () => void;
}

/** Watches a cache. A change maps both the old and the new object, so that a former owner hears of a loss. */
export function watch<T extends KubeObject>(store: Store<T>, mapper: Mapper<T>): Watch {
  return {
    hasSynced: () => store.hasSynced(),
    synced: (signal) => store.synced(signal),
    begin: (wake, failed) => {
      const wakeFor = (object: Stored<T>): void => {
        try {
          for (const key of mapper(object)) wake(key);
        } catch (error) {
          failed(error);
        }
      };
      const end = store.subscribe((change) => {
        if (change.type === 'updated') wakeFor(change.previous);
        wakeFor(change.object);
      });
      for (const object of store.all()) wakeFor(object);
      return end;
    },
  };
}

/** The object itself is what is reconciled. */
export function toSelf(object: Stored): readonly string[] {
  return [keyOf(object)];
}

/** The controlling owner is what is reconciled, when it is of this kind. */
export function toController(owner: { readonly kind: string }): Mapper {
  return (object) => {
    const controller = controllerOf(object);
    if (controller?.kind !== owner.kind) return [];
    return [nameKey({ namespace: object.metadata.namespace, name: controller.name })];
  };
}
