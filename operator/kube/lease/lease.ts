// Holds one Lease for this process: reads it, does what the decision says, and tells when leadership begins and ends.
import type { KubeClient } from '../client.ts';
import { type Clock, sleep, systemClock } from '../clock.ts';
import { isConflict } from '../errors.ts';
import { type Instruments, noInstruments } from '../instruments.ts';
import { apiVersionOf, type KubeObject, microTime, type ObjectName, type Stored } from '../objects.ts';
import { RESOURCES } from '../resources.ts';
import {
  checkLeaseTiming,
  DEFAULT_LEASE_TIMING,
  decideLease,
  decidesWithinMs,
  decideUnanswered,
  heldLease,
  type LeaseAction,
  type LeaseSpec,
  type LeaseTiming,
  type LeaseView,
  stillLeads,
} from './lease-decision.ts';
import type { Tenure } from './tenure.ts';

/** Settings of an elector. Its client must have a transport of its own, so that no other request delays a renewal. */
export interface LeaderElectorOptions {
  readonly client: KubeClient;
  readonly name: string;
  readonly namespace: string;
  /** Unique to this process, not only to its pod. */
  readonly identity: string;
  /**
   * What the identities of this process's predecessors begin with. Their lease is taken at once: only for processes of
   * which one begins after the other has ended, as those of one container of one pod.
   */
  readonly heirOf?: string | undefined;
  readonly timing?: LeaseTiming | undefined;
  /** How long the work stands still, in milliseconds: a leader that does none must not keep others from it. */
  readonly stillForMs?: (() => number) | undefined;
  /** Where renewals are noted; in this object alone when absent. */
  readonly tenure?: Tenure | undefined;
  /** Told whenever the apiserver answered all that was asked of it: the lease is known, and written if it was due. */
  readonly onContact?: (() => void) | undefined;
  /** Told of each read or write of the lease that failed, for the log. */
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly clock?: Clock | undefined;
  /** Uniform in [0, 1). */
  readonly random?: (() => number) | undefined;
  readonly instruments?: Instruments | undefined;
}

/** What the process does when leadership changes. */
export interface LeadershipCallbacks {
  readonly onAcquired: () => void;
  /** Leadership ended without being given back; the process must stop acting at once. */
  readonly onLost: (reason: string) => void;
}

interface Lease extends KubeObject {
  spec?: LeaseSpec;
}

/** How often a candidate looks: a lease that was given back is taken within a second, whatever the leader's pace. */
const CANDIDATE_PAUSE_MS = 800;

/** A leader that was not answered asks again after this pause, or sooner if its timing is quicker. */
const UNANSWERED_PAUSE_MS = 2_000;

/** Another writer of the lease, or a write of our own that was cut and arrived late, may come in between. */
const RELEASE_ATTEMPTS = 3;

/** One candidate for one lease. */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #timing: LeaseTiming;
  readonly #clock: Clock;
  readonly #instruments: Instruments;
  #seen: { readonly resourceVersion: string; readonly atMs: number } | undefined;
  readonly #tenure: Tenure;
  #unanswered = false;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#timing = options.timing ?? DEFAULT_LEASE_TIMING;
    this.#clock = options.clock ?? systemClock;
    this.#instruments = options.instruments ?? noInstruments;
    this.#tenure = options.tenure ?? { renewedMs: undefined };
    checkLeaseTiming(this.#timing);
  }

  /** Whether this process leads, by its own clock alone: right even after it was stopped for a while and goes on. */
  isLeader(): boolean {
    return stillLeads(this.#renewedForMs(), this.#timing);
  }

  /**
   * Competes and renews until leadership is lost or `signal` aborts; then it gives the lease back if it holds it.
   * Abort only when nothing acts on leadership any more. It never throws.
   */
  async run(signal: AbortSignal, callbacks: LeadershipCallbacks): Promise<void> {
    while (!signal.aborted) {
      const led = this.#tenure.renewedMs !== undefined;
      const action = await this.#step(signal);
      if (action.act === 'stepDown') {
        this.#setRenewed(undefined);
        callbacks.onLost(action.reason);
        return;
      }
      if (!led && this.#tenure.renewedMs !== undefined) callbacks.onAcquired();
      await sleep(this.#clock, this.#pauseMs(), signal);
    }
    await this.#release();
  }

  /** Sleeps no longer than leadership lasts, so that its end is noticed when it comes. */
  #pauseMs(): number {
    const renewedForMs = this.#renewedForMs();
    if (renewedForMs === undefined) return CANDIDATE_PAUSE_MS * (1 + 0.2 * (this.#options.random ?? Math.random)());
    const retryMs = this.#timing.retrySeconds * 1000;
    const pauseMs = this.#unanswered ? Math.min(retryMs, UNANSWERED_PAUSE_MS) : retryMs;
    return Math.min(pauseMs, decidesWithinMs({ ...this.#view(), renewedForMs }));
  }

  async #step(signal: AbortSignal): Promise<LeaseAction> {
    try {
      const stored = await this.#read(signal);
      const view = { ...this.#view(), spec: stored?.spec, unchangedForMs: this.#unchangedForMs(stored) };
      const action = decideLease(view);
      if (action.act === 'create' || action.act === 'take' || action.act === 'renew') {
        await this.#write({ view, stored, signal });
      }
      this.#unanswered = false;
      this.#options.onContact?.();
      return action;
    } catch (error) {
      this.#unanswered = true;
      if (!signal.aborted) this.#failed(error);
      return decideUnanswered(this.#view());
    }
  }

  #failed(error: unknown): void {
    this.#instruments.count('leader_election_errors_total', { name: this.#options.name });
    this.#options.onError?.(error);
  }

  #read(signal: AbortSignal): Promise<Stored<Lease> | undefined> {
    return this.#options.client.find<Lease>(RESOURCES.leases, this.#name(), { deadline: 'lease', signal });
  }

  async #write(write: { view: LeaseView; stored: Stored<Lease> | undefined; signal: AbortSignal }): Promise<void> {
    const { view, stored, signal } = write;
    const sentMs = this.#clock.monotonicMs();
    const spec = heldLease(view, microTime(this.#clock.wall()));
    const result = await this.#put(stored, spec, signal);
    this.#seen = { resourceVersion: result.metadata.resourceVersion, atMs: sentMs };
    this.#setRenewed(sentMs);
  }

  #put(stored: Stored<Lease> | undefined, spec: LeaseSpec, signal?: AbortSignal): Promise<Stored<Lease>> {
    const { client } = this.#options;
    const options = { deadline: 'lease', signal } as const;
    if (stored !== undefined) return client.replace<Lease>(RESOURCES.leases, { ...stored, spec }, options);
    const { kind } = RESOURCES.leases;
    const lease: Lease = { apiVersion: apiVersionOf(RESOURCES.leases), kind, metadata: this.#name(), spec };
    return client.create<Lease>(RESOURCES.leases, lease, options);
  }

  /**
   * Clears the holder and makes the lease short, so that the next candidate needs not wait. The apiserver is asked who
   * holds it: a write that was cut may have been carried out.
   */
  async #release(): Promise<void> {
    this.#setRenewed(undefined);
    for (let attempt = 1; attempt <= RELEASE_ATTEMPTS; attempt += 1) {
      try {
        const stored = await this.#options.client.find<Lease>(RESOURCES.leases, this.#name(), { deadline: 'lease' });
        if (stored?.spec?.holderIdentity !== this.#options.identity) return;
        await this.#put(stored, { ...stored.spec, holderIdentity: '', leaseDurationSeconds: 1 });
        return;
      } catch (error) {
        this.#failed(error);
        if (!isConflict(error)) return;
      }
    }
  }

  #name(): ObjectName {
    return { namespace: this.#options.namespace, name: this.#options.name };
  }

  #view(): Omit<LeaseView, 'spec' | 'unchangedForMs'> {
    const { identity, heirOf, stillForMs } = this.#options;
    const renewedForMs = this.#renewedForMs();
    return { identity, heirOf, timing: this.#timing, renewedForMs, stillForMs: stillForMs?.() ?? 0 };
  }

  #unchangedForMs(stored: Stored<Lease> | undefined): number {
    const resourceVersion = stored?.metadata.resourceVersion ?? '';
    const nowMs = this.#clock.monotonicMs();
    if (this.#seen?.resourceVersion !== resourceVersion) this.#seen = { resourceVersion, atMs: nowMs };
    return nowMs - this.#seen.atMs;
  }

  #renewedForMs(): number | undefined {
    const { renewedMs } = this.#tenure;
    return renewedMs === undefined ? undefined : this.#clock.monotonicMs() - renewedMs;
  }

  #setRenewed(atMs: number | undefined): void {
    this.#tenure.renewedMs = atMs;
    const held = atMs === undefined ? 0 : 1;
    this.#instruments.gauge('leader_election_master_status', held, { name: this.#options.name });
  }
}
