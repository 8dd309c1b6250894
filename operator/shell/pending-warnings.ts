// Looks up what is said of an object that waits for somebody else: in its Events, seldom, and only while it waits.
import { lastWarning, type ObservedWarning } from '../core/modelgateway/last-warning.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import { type KubeObject, nameKey, type Stored } from '../kube/objects.ts';
import { RESOURCES } from '../kube/resources.ts';

type Answer = { readonly warning: string | undefined; readonly againAtMs: number };

export type PendingWarningsOptions = {
  readonly client: KubeClient;
  /** The Events could not be read; they are asked for again later. */
  onTrouble(object: string, error: unknown): void;
  readonly clock?: Clock | undefined;
};

/** Between two questions about one object: the apiserver looks through all Events of the namespace for each. */
const gapMs = 10_000;
/** Events that are read at once. */
const mostEvents = 50;
/** No round waits longer for Events. */
const answerMs = 3_000;
/** Objects that are remembered; of the oldest it is asked again at once. */
const mostObjects = 1_024;

/** Nothing here is needed to go on: a process that begins again asks anew. */
export class PendingWarnings {
  readonly #options: PendingWarningsOptions;
  readonly #clock: Clock;
  readonly #answers = new Map<string, Answer>();

  constructor(options: PendingWarningsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** The newest warning about the object. */
  async of(object: Stored, signal: AbortSignal): Promise<string | undefined> {
    const { uid } = object.metadata;
    const nowMs = this.#clock.monotonicMs();
    const before = this.#answers.get(uid);
    if (before !== undefined && before.againAtMs > nowMs) return before.warning;
    const events = await this.#eventsOf(object, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      this.#options.onTrouble(nameKey(object.metadata), error);
      return undefined;
    });
    const warning = events === undefined ? before?.warning : lastWarning(events);
    this.#answers.delete(uid);
    this.#answers.set(uid, { warning, againAtMs: nowMs + gapMs });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > mostObjects && oldest !== undefined) this.#answers.delete(oldest);
    return warning;
  }

  async #eventsOf({ metadata }: Stored, signal: AbortSignal): Promise<readonly ObservedWarning[]> {
    const pages = this.#options.client.pages<KubeObject & Omit<ObservedWarning, 'metadata'>>(RESOURCES.events, {
      namespace: metadata.namespace,
      fieldSelector: `regarding.uid=${metadata.uid},type=Warning`,
      limit: mostEvents,
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    for await (const { items } of pages) return items;
    return [];
  }
}
