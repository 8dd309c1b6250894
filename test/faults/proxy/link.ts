// The state of the wire between the clients of a proxy and the apiserver, and the point in time at which lists are frozen.
import type { ApiRequest } from './api-request.ts';
import { type Match, matches, type WatchLine } from './rules.ts';

/** `cut`: every connection is reset and none is taken. `silent`: connections stay and no byte moves. */
export type LinkState = 'up' | 'cut' | 'silent';

/** Holds everything back while the link is silent. */
export class Link {
  #state: LinkState = 'up';
  #up = Promise.withResolvers<void>();

  get state(): LinkState {
    return this.#state;
  }

  /** What was held back goes on when the link is no longer silent. */
  set(state: LinkState): void {
    if (this.#state === 'silent' && state !== 'silent') {
      this.#up.resolve();
      this.#up = Promise.withResolvers<void>();
    }
    this.#state = state;
  }

  /** Resolves while or as soon as the link is not silent. */
  async passable(): Promise<void> {
    while (this.#state === 'silent') await this.#up.promise;
  }
}

/** A view of the past: lists are as of `resourceVersion`, and watches tell nothing newer until it has thawed. */
export class Freeze {
  readonly resourceVersion: string;
  readonly #match: Match;
  readonly #thawed = Promise.withResolvers<void>();
  #isThawed = false;

  constructor(resourceVersion: string, match: Match) {
    this.resourceVersion = resourceVersion;
    this.#match = match;
  }

  thaw(): void {
    this.#isThawed = true;
    this.#thawed.resolve();
  }

  concerns(request: ApiRequest): boolean {
    return !this.#isThawed && ['list', 'watch'].includes(request.verb) && matches(this.#match, request);
  }

  /** The path that asks the apiserver for the list as it was; the further pages of a list are of its time anyway. */
  frozenPath(request: ApiRequest): string {
    if (request.verb !== 'list') return request.path;
    const url = new URL(request.path, 'http://apiserver');
    if (url.searchParams.has('continue')) return request.path;
    url.searchParams.set('resourceVersion', this.resourceVersion);
    url.searchParams.set('resourceVersionMatch', 'Exact');
    return url.pathname + url.search;
  }

  /** Resolves at once for an event of that time or before, otherwise when thawed. */
  async passable(event: WatchLine): Promise<void> {
    const isOlder = event.resourceVersion !== '' && BigInt(event.resourceVersion) <= BigInt(this.resourceVersion);
    if (!isOlder) await this.#thawed.promise;
  }
}
