// Knows that a cache is behind our own last write, so that nothing is decided twice on what we have changed already.
import type { Stored } from '../kube/objects.ts';

/**
 * By key, the version that the last write was made from. Each write names that version, so ours is the one that follows
 * it: a cache that still shows it has not heard of our write, and any other version is later.
 */
export class OwnWrites {
  readonly #madeFrom = new Map<string, string>();

  /** A write that named the resource version of `before` was accepted. One that changes nothing makes no version. */
  note(key: string, before: Stored, after: Stored): void {
    const { resourceVersion } = before.metadata;
    if (after.metadata.resourceVersion !== resourceVersion) this.#madeFrom.set(key, resourceVersion);
  }

  /** Whether `cached` is from before our last write. The event that brings that write wakes the key. */
  isBehind(key: string, cached: Stored): boolean {
    if (this.#madeFrom.get(key) === cached.metadata.resourceVersion) return true;
    this.#madeFrom.delete(key);
    return false;
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#madeFrom.delete(key);
  }
}
