// Knows which caches are behind our own writes, so that nothing is decided twice on what we have changed already, and
// asks the apiserver for what a cache never hears of.

import { trimObject } from '../cache/reflector.ts';
import type { Store } from '../cache/store.ts';
import type { KubeClient } from '../client.ts';
import { type Clock, systemClock } from '../clock.ts';
import { controllerOf, keyOf, nameKey, type ObjectName, type Resource, type Stored } from '../objects.ts';
import { appliedDigest } from './apply-plan.ts';
import { WriteResults } from './write-results.ts';

/** News of a write come in milliseconds, from a busy apiserver in a second or two. */
const newsComeWithinMs = 5_000;

/** Whoever finds a cache behind looks again after this time: an object that was made and is gone by then wakes nobody. */
export const lookAgainMs = newsComeWithinMs + 1_000;

/** What a write has done: `before` is the version that it named, absent when it made the object; no `after`: it removed it. */
export type Change =
  | { readonly before?: Stored; readonly after: Stored }
  | { readonly before: Stored; readonly after?: never };

/** A cache that shall hear of writes. */
export interface HearingCache {
  readonly resource: Resource;
  readonly store: Pick<Store, 'get' | 'upsert' | 'remove' | 'subscribe'>;
}

/** Caches, and the client by which is asked what they do not hear of. */
export interface OwnWritesOptions {
  readonly client: Pick<KubeClient, 'find'>;
  readonly caches: readonly HearingCache[];
  /** Told when a question was not answered; it is asked again. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** A write of which its cache has not heard. */
interface Unheard {
  readonly cache: HearingCache;
  readonly name: ObjectName;
  /** The version that the cache shows until it hears of the write. */
  readonly from: string | undefined;
  /** UIDs of the object and of its controller: what is decided on them waits for the news. */
  readonly concerned: readonly string[];
}

/**
 * Each write names the version that it was made from, so ours is the one that follows it: a cache that still shows it
 * has not heard of our write, and any other version is later. An event that never comes would let a key sleep for ever,
 * so a few seconds after a write the object is read for a cache that is still as it was before. A healthy watch costs
 * no request.
 */
export class OwnWrites {
  /** What came of them, where it is not what was written. */
  readonly results = new WriteResults(appliedDigest);
  readonly #options: OwnWritesOptions;
  readonly #clock: Clock;
  readonly #unheard = new Map<string, Unheard & { readonly cancel: () => void }>();
  /** How many writes each UID waits for. */
  readonly #waiting = new Map<string, number>();
  readonly #ends: readonly (() => void)[];
  #isClosed = false;

  constructor(options: OwnWritesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#ends = options.caches.map((cache) =>
      cache.store.subscribe(({ object }) => this.#heard(idOf(cache.resource, object.metadata))),
    );
  }

  /** To be called after each write that was accepted. Of one that changed nothing no news come. */
  note(resource: Resource, { before, after }: Change): void {
    const object = before ?? after;
    const from = before?.metadata.resourceVersion;
    const cache = this.#options.caches.find((each) => isSameKind(each.resource, resource));
    if (object === undefined || cache === undefined || after?.metadata.resourceVersion === from) return;
    const owner = controllerOf(object)?.uid;
    const concerned = owner === undefined ? [object.metadata.uid] : [object.metadata.uid, owner];
    if (cache.store.get(keyOf(object))?.metadata.resourceVersion === from) {
      this.#await({ cache, name: object.metadata, from, concerned });
    }
  }

  /** Whether a cache is behind a write of ours to this object or to a child of it. The news change the cache. */
  isBehind({ metadata }: Stored): boolean {
    return this.#waiting.has(metadata.uid);
  }

  /** Waits for nothing and asks for nothing any more. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends) end();
    for (const id of [...this.#unheard.keys()]) this.#forget(id);
  }

  #await(unheard: Unheard): void {
    if (this.#isClosed) return;
    const id = idOf(unheard.cache.resource, unheard.name);
    this.#forget(id);
    const cancel = this.#clock.after(newsComeWithinMs, () => void this.#makeUpFor(waiting));
    const waiting = { ...unheard, cancel };
    this.#unheard.set(id, waiting);
    for (const uid of unheard.concerned) this.#waiting.set(uid, (this.#waiting.get(uid) ?? 0) + 1);
  }

  /** The cache has changed: it shows our write, or what came after it. */
  #heard(id: string): void {
    const unheard = this.#unheard.get(id);
    if (unheard && shownVersion(unheard) !== unheard.from) this.#forget(id);
  }

  /** Whoever asks may be overtaken: by the news, or by the next write. */
  async #makeUpFor(unheard: Unheard): Promise<void> {
    const { cache, name } = unheard;
    const id = idOf(cache.resource, name);
    try {
      const present = await this.#options.client.find(cache.resource, name);
      if (this.#unheard.get(id) !== unheard) return;
      this.#forget(id);
      const shown = cache.store.get(nameKey(name));
      if (present) cache.store.upsert(trimObject(present));
      else if (shown) cache.store.remove(shown);
    } catch (error) {
      this.#options.onTrouble?.(error);
      if (this.#unheard.get(id) === unheard) this.#await(unheard);
    }
  }

  #forget(id: string): void {
    const unheard = this.#unheard.get(id);
    if (unheard === undefined) return;
    unheard.cancel();
    this.#unheard.delete(id);
    for (const uid of unheard.concerned) {
      const left = (this.#waiting.get(uid) ?? 0) - 1;
      if (left > 0) this.#waiting.set(uid, left);
      else this.#waiting.delete(uid);
    }
  }
}

const shownVersion = ({ cache, name }: Unheard) => cache.store.get(nameKey(name))?.metadata.resourceVersion;

const isSameKind = (a: Resource, b: Resource): boolean => a.group === b.group && a.plural === b.plural;

const idOf = ({ group, plural }: Resource, name: ObjectName): string => `${group}/${plural}/${nameKey(name)}`;
