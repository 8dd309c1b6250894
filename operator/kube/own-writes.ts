// Knows which caches are behind our own writes, so that nothing is decided twice on what we have changed already, and
// asks the apiserver for what a cache never hears of.
import type { KubeClient } from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import { nameKey, type ObjectName, type Resource, type Stored } from './objects.ts';
import { trimObject } from './reflector.ts';
import type { Store } from './store.ts';

/** News of a write come in milliseconds, from a busy apiserver in a second or two. */
const newsComeWithinMs = 5_000;

/** What a write has done: `before` is the version that it named, absent when it made the object; no `after`: it removed it. */
export type Change =
  | { readonly before?: Stored; readonly after: Stored }
  | { readonly before: Stored; readonly after?: never };

/** A cache that shall hear of writes. */
export interface HearingCache {
  readonly resource: Resource;
  readonly store: Pick<Store, 'get' | 'upsert' | 'remove'>;
}

/** Caches, and the client by which is asked what they do not hear of. */
export interface OwnWritesOptions {
  readonly client: Pick<KubeClient, 'find'>;
  readonly caches: readonly HearingCache[];
  /** Told when a question was not answered; it is asked again. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** A write of which its cache may not have heard yet. */
interface Unheard {
  readonly resource: Resource;
  readonly name: ObjectName;
  /** The version that the cache shows until it hears of the write. */
  readonly from: string | undefined;
}

/**
 * Each write names the version that it was made from, so ours is the one that follows it: a cache that still shows it
 * has not heard of our write, and any other version is later. An event that never comes would let a key sleep for ever,
 * so a few seconds after a write the object is read for a cache that is still as it was before. A healthy watch costs
 * no request.
 */
export class OwnWrites {
  readonly #options: OwnWritesOptions;
  readonly #clock: Clock;
  readonly #unheard = new Map<string, Unheard & { readonly cancel: () => void }>();
  #isClosed = false;

  constructor(options: OwnWritesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** To be called after each write that was accepted. One that changed nothing made no version, and nothing is awaited. */
  note(resource: Resource, { before, after }: Change): void {
    const from = before?.metadata.resourceVersion;
    const name = (before ?? after)?.metadata;
    if (name !== undefined && after?.metadata.resourceVersion !== from) this.#await({ resource, name, from });
  }

  /** Whether `cached` is from before our last write. Its news, or what makes up for them, change the cache. */
  isBehind(resource: Resource, cached: Stored): boolean {
    const id = idOf(resource, cached.metadata);
    if (this.#unheard.get(id)?.from === cached.metadata.resourceVersion) return true;
    this.#forget(id);
    return false;
  }

  /** Asks for nothing any more. */
  close(): void {
    this.#isClosed = true;
    for (const id of [...this.#unheard.keys()]) this.#forget(id);
  }

  #await(unheard: Unheard): void {
    if (this.#isClosed) return;
    const id = idOf(unheard.resource, unheard.name);
    this.#forget(id);
    const cancel = this.#clock.after(newsComeWithinMs, () => void this.#makeUpFor(waiting));
    const waiting = { ...unheard, cancel };
    this.#unheard.set(id, waiting);
  }

  /** Whoever asks may be overtaken: by the news, or by the next write. */
  async #makeUpFor(unheard: Unheard): Promise<void> {
    const { resource, name } = unheard;
    const id = idOf(resource, name);
    try {
      const present = this.#isAsBefore(unheard) ? await this.#options.client.find(resource, name) : undefined;
      if (this.#unheard.get(id) !== unheard) return;
      this.#forget(id);
      if (this.#isAsBefore(unheard)) this.#tell(unheard, present);
    } catch (error) {
      this.#options.onTrouble?.(error);
      if (this.#unheard.get(id) === unheard) this.#await(unheard);
    }
  }

  #isAsBefore({ resource, name, from }: Unheard): boolean {
    return this.#storeOf(resource)?.get(nameKey(name))?.metadata.resourceVersion === from;
  }

  #tell({ resource, name }: Unheard, present: Stored | undefined): void {
    const store = this.#storeOf(resource);
    const shown = store?.get(nameKey(name));
    if (present) store?.upsert(trimObject(present));
    else if (shown) store?.remove(shown);
  }

  #storeOf({ group, plural }: Resource): HearingCache['store'] | undefined {
    return this.#options.caches.find(({ resource }) => resource.group === group && resource.plural === plural)?.store;
  }

  #forget(id: string): void {
    this.#unheard.get(id)?.cancel();
    this.#unheard.delete(id);
  }
}

const idOf = ({ group, plural }: Resource, name: ObjectName): string => `${group}/${plural}/${nameKey(name)}`;
