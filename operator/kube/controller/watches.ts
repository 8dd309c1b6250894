// Says which keys a change of an object concerns: its own, or that of the object that controls it.
import { Breather } from '../breather.ts';
import type { Change, Store } from '../cache/store.ts';
import { controllerOf, type KubeObject, keyOf, nameKey, type Stored } from '../objects.ts';

/** From an object to the keys to reconcile. Pure and quick: it runs for each watch event. */
export type Mapper<T extends KubeObject = KubeObject> = (object: Stored<T>) => readonly string[];

/** A cache whose changes wake a controller. */
export interface Watch {
  synced(signal: AbortSignal): Promise<void>;
  /** Calls `wake` for each change, until the returned function is called. */
  begin(waker: Waker): () => void;
  /** Calls `wake` for all objects there are, not all in one turn of the event loop. */
  wakeAll(waker: Waker, signal: AbortSignal): Promise<void>;
}

/** Who is woken for a key, and who is told that a mapper threw. Both only take note. */
export interface Waker {
  wake(key: string): void;
  failed(error: unknown): void;
}

/** From a change to the keys to reconcile, where less is concerned than all that the old and the new object map to. */
export type ChangeMapper<T extends KubeObject = KubeObject> = (change: Change<T>) => readonly string[];

/**
 * Watches a cache. A change maps both the old and the new object, so that a former owner hears of a loss, unless `changed`
 * says more exactly whom it concerns.
 */
export function watch<T extends KubeObject>(store: Store<T>, mapper: Mapper<T>, changed?: ChangeMapper<T>): Watch {
  const wakeAllOf = (keys: () => readonly string[], waker: Waker): void => {
    try {
      for (const key of keys()) waker.wake(key);
    } catch (error) {
      waker.failed(error);
    }
  };
  const wakeFor = (object: Stored<T>, waker: Waker): void => wakeAllOf(() => mapper(object), waker);
  return {
    synced: (signal) => store.synced(signal),
    begin: (waker) =>
      store.subscribe((change) => {
        if (changed) {
          wakeAllOf(() => changed(change), waker);
          return;
        }
        if (change.type === 'updated') wakeFor(change.previous, waker);
        wakeFor(change.object, waker);
      }),
    wakeAll: async (waker, signal) => {
      const breather = new Breather();
      for (const object of store.all()) {
        if (breather.isDue()) await breather.breathe();
        if (signal.aborted) return;
        wakeFor(object, waker);
      }
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
