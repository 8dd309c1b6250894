// Keeps a store equal to the apiserver: lists in pages, then watches, and recovers from every way in which that ends.

import { Breather } from '../breather.ts';
import type { KubeClient, Selection } from '../client.ts';
import { type Clock, sleep, systemClock } from '../clock.ts';
import { Backoff, REFLECTOR_BACKOFF } from '../controller/backoff.ts';
import { type Instruments, noInstruments } from '../instruments.ts';
import { type KubeObject, keyOf, type Resource, type Stored } from '../objects.ts';
import { LARGEST_PAGE } from './page-size.ts';
import { type Ending, missingKind, type NextStep, nextStep } from './reflector-step.ts';
import { scalersOf } from './scalers.ts';
import { Silence } from './silence.ts';
import type { Missing, Store } from './store.ts';
import type { WatchEvent } from './watch-lines.ts';

/** What to reflect into which store. Namespace and selectors narrow it; everything of the kind when absent. */
export interface ReflectorOptions<T extends KubeObject> extends Omit<Selection, 'fieldSelector'> {
  readonly client: KubeClient;
  readonly resource: Resource;
  readonly store: Store<T>;
  /** Applied to each object before it is kept; `trimObject` when absent. */
  readonly trim?: ((object: Stored<T>) => Stored<T>) | undefined;
  readonly timing?: Partial<ReflectorTiming> | undefined;
  /** A kind that the apiserver may not have, or may not give: the store is then empty, and it is looked for now and again. */
  readonly isOptional?: boolean | undefined;
  /** Told of each list or watch that failed, for the log. */
  readonly onTrouble?: ((cause: string, error: unknown) => void) | undefined;
  readonly clock?: Clock | undefined;
  /** Uniform in [0, 1). */
  readonly random?: (() => number) | undefined;
  readonly instruments?: Instruments | undefined;
}

/** client-go's constants; a watch that is silent for longer than bookmarks come (a minute) is half open. */
export interface ReflectorTiming {
  /** Objects in a page of a list, at most. */
  readonly pageSize: number;
  readonly shortestWatchSeconds: number;
  readonly longestWatchSeconds: number;
  readonly silenceMs: number;
  /** Upper bound of the random pause before the list after an expired version. */
  readonly expiredJitterMs: number;
}

const TIMING: ReflectorTiming = {
  pageSize: LARGEST_PAGE,
  shortestWatchSeconds: 300,
  longestWatchSeconds: 600,
  silenceMs: 90_000,
  expiredJitterMs: 800,
};

/** How soon a kind is noticed that was not there. */
const lookForKindMs = 5_000;

/** Two expired versions closer together than this are no accident: the second waits for the back-off. */
const EXPIRED_AGAIN_MS = 30_000;

/** Drops what no controller reads and what makes up half of an object's size. */
export function trimObject<T extends KubeObject>(object: Stored<T>): Stored<T> {
  const scalers = scalersOf(object.metadata.managedFields);
  if (scalers.length > 0) object.metadata.managedFields = scalers;
  else delete object.metadata.managedFields;
  delete object.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  return object;
}

/** One list-and-watch loop. */
export class Reflector<T extends KubeObject = KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #timing: ReflectorTiming;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #instruments: Instruments;
  readonly #backoff = new Backoff(REFLECTOR_BACKOFF);
  #resourceVersion: string | undefined;
  #lastByteMs: number;
  #muteWatches = 0;
  #lastExpiredMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#instruments = options.instruments ?? noInstruments;
    this.#lastByteMs = this.#clock.monotonicMs();
  }

  /** Milliseconds since the apiserver last sent anything. */
  silentForMs(): number {
    return this.#clock.monotonicMs() - this.#lastByteMs;
  }

  /** Reports what changes without an event; to be called before the figures are read. */
  reportAge(): void {
    const resource = this.#options.resource.plural;
    this.#instruments.gauge('informer_last_event_age_seconds', this.silentForMs() / 1000, { resource });
  }

  /** Runs until `signal` aborts, for good; it never throws. After the abort it makes no request. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ending = await this.#round(signal);
      if (signal.aborted) return;
      const missing = this.#options.isOptional ? missingKind(ending) : undefined;
      if (missing) {
        await this.#waitFor(missing, signal);
        continue;
      }
      const step = nextStep(ending);
      this.#report(ending, step);
      if (step.relist) {
        this.#resourceVersion = undefined;
        this.#muteWatches = 0;
      }
      const pauseMs = this.#pauseMs(step);
      if (pauseMs > 0) await sleep(this.#clock, pauseMs, signal);
    }
  }

  /** Such an answer is one, and nothing to warn of. */
  async #waitFor(missing: Missing, signal: AbortSignal): Promise<void> {
    this.#heard();
    this.#resourceVersion = undefined;
    this.#options.store.markMissing(missing);
    await sleep(this.#clock, lookForKindMs, signal);
  }

  async #round(signal: AbortSignal): Promise<Ending> {
    try {
      return await this.#watch(this.#resourceVersion ?? (await this.#list(signal)), signal);
    } catch (error) {
      return { how: 'failed', error };
    }
  }

  #report(ending: Ending, step: NextStep): void {
    const labels = { resource: this.#options.resource.plural, cause: step.cause };
    this.#instruments.count('informer_watch_ends_total', labels);
    if (step.relist && this.#resourceVersion !== undefined) this.#instruments.count('relist_total', labels);
    if (ending.how === 'failed') this.#options.onTrouble?.(step.cause, ending.error);
  }

  #pauseMs(step: NextStep): number {
    if (step.wait === 'none') return 0;
    const nowMs = this.#clock.monotonicMs();
    if (step.wait === 'jitter') {
      const again = nowMs - this.#lastExpiredMs < EXPIRED_AGAIN_MS;
      this.#lastExpiredMs = nowMs;
      if (!again) return this.#random() * this.#timing.expiredJitterMs;
    }
    return Math.max(step.minimumMs, this.#backoff.next(nowMs, this.#random()));
  }

  /** Takes in each page as it comes; what no page had was deleted while nobody watched. */
  async #list(signal: AbortSignal): Promise<string> {
    const { client, resource, store, namespace, labelSelector, metadataOnly } = this.#options;
    const breather = new Breather(this.#clock);
    const listed = new Set<string>();
    let resourceVersion = '';
    const selection = { namespace, labelSelector, metadataOnly, limit: this.#timing.pageSize, signal };
    for await (const page of client.pages<T>(resource, selection)) {
      for (const object of page.items) {
        if (breather.isDue()) await breather.breathe();
        listed.add(keyOf(object));
        store.upsert(this.#trim(object));
      }
      resourceVersion = page.resourceVersion;
      this.#heard();
      await breather.breathe();
    }
    for (const gone of store.missingFrom(listed)) {
      if (breather.isDue()) await breather.breathe();
      store.remove(gone);
    }
    store.markSynced();
    this.#resourceVersion = resourceVersion;
    this.#reportSize();
    return resourceVersion;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<Ending> {
    const { client, resource, namespace, labelSelector, metadataOnly } = this.#options;
    const silence = new Silence(this.#clock, this.#timing.silenceMs, signal);
    const openedMs = this.#clock.monotonicMs();
    const onBytes = (): void => {
      silence.broken();
      this.#heard();
    };
    const selection = { namespace, labelSelector, metadataOnly };
    const watching = { resourceVersion, timeoutSeconds: this.#watchSeconds(), signal: silence.signal, onBytes };
    let events = 0;
    this.#muteWatches += 1;
    try {
      for await (const event of client.watch<T>(resource, { ...selection, ...watching })) {
        if (signal.aborted) break;
        this.#take(event);
        this.#muteWatches = 0;
        events += 1;
      }
      return { how: 'closed', afterMs: this.#clock.monotonicMs() - openedMs, events };
    } catch (error) {
      if (silence.lasted) return { how: 'silent', inARow: this.#muteWatches };
      throw error;
    } finally {
      silence.release();
    }
  }

  #take(event: WatchEvent<T>): void {
    const { store } = this.#options;
    if (event.type === 'BOOKMARK') {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    this.#resourceVersion = event.object.metadata.resourceVersion;
    if (event.type === 'DELETED') store.remove(this.#trim(event.object));
    else store.upsert(this.#trim(event.object));
    this.#reportSize();
  }

  #trim(object: Stored<T>): Stored<T> {
    return (this.#options.trim ?? trimObject)(object);
  }

  #watchSeconds(): number {
    const { shortestWatchSeconds, longestWatchSeconds } = this.#timing;
    return Math.round(shortestWatchSeconds + this.#random() * (longestWatchSeconds - shortestWatchSeconds));
  }

  #heard(): void {
    this.#lastByteMs = this.#clock.monotonicMs();
  }

  #reportSize(): void {
    const { store, resource } = this.#options;
    this.#instruments.gauge('informer_objects', store.size, { resource: resource.plural });
  }
}
