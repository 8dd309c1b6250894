// Looks up why a Job of ours has no pod: in the Events of that Job, seldom, and only while it lacks one.
import type { Child, Instant } from '../core/plan.ts';
import type { ObservedJob } from '../core/pods/observed.ts';
import {
  askAgainAfterMs,
  failedCreate,
  firstAskInMs,
  type ObservedEvent,
  patienceMs,
  refusedPod,
  wantsPod,
} from '../core/pods/one-shot/refused-pod.ts';
import type { Refusal } from '../core/refusals.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import { type KubeObject, nameKey, type Stored } from '../kube/objects.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { Caches } from './caches.ts';

export type RefusedPodsOptions = {
  readonly client: KubeClient;
  readonly caches: Pick<Caches, 'jobs' | 'pods'>;
  /** The Events of a Job could not be read; it is asked again later. */
  onTrouble(job: string, error: unknown): void;
  readonly clock?: Clock | undefined;
};

type Round = { readonly now: Instant; readonly signal: AbortSignal };
/** `wanted`: the children that are to be there; a Job that goes has nothing to tell. */
type Wanted = Round & { readonly wanted: readonly Child[] };
type Answer = {
  readonly refusal?: Refusal | undefined;
  readonly againAtMs: number;
  /** It is asked at `againAtMs`, however many others are to be asked. */
  readonly hasTurn?: true;
  /** When a pod of the Job was seen last: what was said before is over. */
  readonly seenAt?: Instant | undefined;
};
type Look = { readonly refusals: readonly Refusal[]; readonly againInMs: number | undefined };

/** Events that are read at once. The Job controller says the same again by counting, so there are seldom more than ten. */
const mostEvents = 50;
/** No round waits longer for Events. */
const answerMs = 3_000;
/**
 * Between two questions, whatever Job they are of: the apiserver looks through all Events of the namespace for each. When a
 * thousand Jobs are made at once, most have their pods before it is their turn.
 */
const gapMs = 200;
/** Jobs that are remembered; of the oldest it is asked again at once. */
const mostJobs = 4_096;

const nameOf = ({ manifest }: Child) => manifest.metadata.name;

/** Nothing here is needed to go on: a process that begins again asks anew. */
export class RefusedPods {
  readonly #options: RefusedPodsOptions;
  readonly #clock: Clock;
  readonly #answers = new Map<string, Answer>();
  #nextTurnMs = 0;

  constructor(options: RefusedPodsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Pods of the owner's Jobs that are refused, and when to look again. */
  async look({ metadata }: Stored, { wanted, ...round }: Wanted): Promise<Look> {
    const names = new Set(wanted.filter(({ manifest }) => manifest.kind === 'Job').map(nameOf));
    const jobs = this.#options.caches.jobs.ownedBy(metadata).filter((job) => names.has(job.metadata.name));
    const lacking = jobs.filter((job) => this.#lacksPod(job, round.now));
    const answers: Answer[] = [];
    for (const job of lacking) answers.push(await this.#answerOf(job, round));
    const dueMs = answers.map(({ againAtMs }) => againAtMs - this.#clock.monotonicMs());
    return {
      refusals: answers.flatMap(({ refusal }) => refusal ?? []),
      againInMs: dueMs.length === 0 ? undefined : Math.max(0, Math.min(...dueMs)),
    };
  }

  #lacksPod(job: Stored & ObservedJob, now: Instant): boolean {
    if (!wantsPod(job)) {
      this.#answers.delete(job.metadata.uid);
      return false;
    }
    const isThere = (job.status?.active ?? 0) > 0 || this.#options.caches.pods.ownedBy(job.metadata).length > 0;
    if (isThere) this.#remember(job, { againAtMs: this.#clock.monotonicMs() + patienceMs, seenAt: now });
    return !isThere;
  }

  async #answerOf(job: Stored, round: Round): Promise<Answer> {
    const nowMs = this.#clock.monotonicMs();
    const before = this.#answers.get(job.metadata.uid);
    if (before !== undefined && before.againAtMs > nowMs) return before;
    const early = firstAskInMs(job, round.now);
    if (early > 0) return { againAtMs: nowMs + early };
    const turnMs = before?.hasTurn ? nowMs : this.#takeTurn(nowMs);
    if (turnMs > nowMs) return this.#remember(job, { ...before, againAtMs: turnMs, hasTurn: true });
    const events = await this.#eventsOf(job, round.signal).catch((error: unknown) => {
      round.signal.throwIfAborted();
      this.#options.onTrouble(nameKey(job.metadata), error);
      return undefined;
    });
    const refusal = events === undefined ? before?.refusal : refusedPod(job, events, before?.seenAt);
    const againAtMs = nowMs + askAgainAfterMs(job, round.now);
    return this.#remember(job, { refusal, againAtMs, seenAt: before?.seenAt });
  }

  #takeTurn(nowMs: number): number {
    const turnMs = Math.max(nowMs, this.#nextTurnMs);
    this.#nextTurnMs = turnMs + gapMs;
    return turnMs;
  }

  async #eventsOf({ metadata }: Stored, signal: AbortSignal): Promise<readonly ObservedEvent[]> {
    const pages = this.#options.client.pages<KubeObject & Omit<ObservedEvent, 'metadata'>>(RESOURCES.events, {
      namespace: metadata.namespace,
      fieldSelector: `regarding.uid=${metadata.uid},reason=${failedCreate}`,
      limit: mostEvents,
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    for await (const { items } of pages) return items;
    return [];
  }

  #remember({ metadata }: Stored, answer: Answer): Answer {
    this.#answers.delete(metadata.uid);
    this.#answers.set(metadata.uid, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > mostJobs && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }
}
