// Knows that a cache is behind our own last write, so that nothing is decided twice on what we have changed already, and
// brings a cache that never hears of the write up to it.
import { type Clock, systemClock } from '../kube/clock.ts';
import { type KubeObject, keyOf, type Stored } from '../kube/objects.ts';
import { trimObject } from '../kube/reflector.ts';
import type { Store } from '../kube/store.ts';

/** News of a write come in milliseconds, from a busy apiserver in a second or two. */
const newsComeWithinMs = 5_000;

/** A write of which the cache has not heard yet. */
type Write = {
  /** The version that it was made from. */
  readonly from: string;
  /** Ends the wait for the news. */
  readonly cancel: () => void;
};

/**
 * Each write names the version that it was made from, so ours is the one that follows it: a cache that still shows it
 * has not heard of our write, and any other version is later.
 */
export class OwnWrites {
  readonly #store: Pick<Store, 'get' | 'upsert'>;
  readonly #clock: Clock;
  readonly #unheard = new Map<string, Write>();

  /** `store` is the cache of the objects that are written. */
  constructor(store: Pick<Store, 'get' | 'upsert'>, clock: Clock = systemClock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * A write that named the resource version of `before` was accepted; one that changes nothing makes no version. An
   * event that never comes is made up for: when the cache is still behind after a few seconds, it is given `after`.
   */
  note(before: Stored, after: Stored): void {
    const from = before.metadata.resourceVersion;
    if (after.metadata.resourceVersion === from) return;
    const key = keyOf(before);
    this.#forget(key);
    const cancel = this.#clock.after(newsComeWithinMs, () => {
      this.#unheard.delete(key);
      if (this.#store.get(key)?.metadata.resourceVersion === from) this.#store.upsert(trimObject(after));
    });
    this.#unheard.set(key, { from, cancel });
  }

  /** Whether `cached` is from before our last write. The news of that write, or what makes up for them, wake the key. */
  isBehind(cached: Stored<KubeObject>): boolean {
    const key = keyOf(cached);
    if (this.#unheard.get(key)?.from === cached.metadata.resourceVersion) return true;
    this.#forget(key);
    return false;
  }

  #forget(key: string): void {
    this.#unheard.get(key)?.cancel();
    this.#unheard.delete(key);
  }
}
