// An Envoy as far as routes go: it polls each type of resource by itself, at times of its own, and finds hosts by DNS.
import { formatTime } from '@sluice/operator/core/conditions.ts';
import { noRequests } from '@sluice/operator/core/gates/traffic.ts';
import { gatewayContainer } from '@sluice/operator/core/gateway/children.ts';
import { noRefusals, type Refusals } from '@sluice/operator/core/gateway/delivery/refusals.ts';
import type { GatewayState } from '@sluice/operator/core/gateway/observed.ts';
import type { RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import { revisionName } from '@sluice/operator/core/names.ts';
import type { ObservedPod } from '@sluice/operator/core/pods/observed.ts';
import type { Quality } from './quality.ts';

export const pollTypes = ['clusters', 'listeners', 'routes'] as const;
export type PollType = (typeof pollTypes)[number];

/** What one backend has answered. */
type Served = { requests: number; errors: number; overloaded: number; nonFinite: number; latency: number[] };

const none: RoutingTable = { version: 0, routes: [] };

/** One gateway pod. `taken` is the table that it has of each type. */
export class SimulatedEnvoy {
  readonly uid: string;
  isReady = false;
  /** Whether it was told to end. */
  isRetired = false;
  /** Whether the operator has seen that it is ready. */
  isKnown = false;
  hosts: Record<string, number> = {};
  resolvedAt = Number.NEGATIVE_INFINITY;
  /** It takes nothing while it refuses anything. */
  refusals = noRefusals as Refusals;
  /** All requests, and those that came while no revision had any share. */
  #routed = { requests: 0, errors: 0 };
  #startedAt: number;
  readonly #served = new Map<string, Served>();
  readonly #taken: Record<PollType, RoutingTable> = { clusters: none, listeners: none, routes: none };

  constructor(uid: string, startedAt: number) {
    this.uid = uid;
    this.#startedAt = startedAt;
  }

  /** Its process ends, and the next one in the same pod counts from 0. */
  restart(now: number): void {
    this.#startedAt = now;
    this.#served.clear();
    this.#routed = { requests: 0, errors: 0 };
  }

  version(type: PollType): number {
    return this.#taken[type].version;
  }

  /** As the xDS server answers: nothing while the poller has this version or a newer one. */
  poll(type: PollType, table: RoutingTable | undefined): void {
    if (!table || table.version <= this.version(type) || this.refusals.deployments.length > 0) return;
    // It asks again soon after each answer, and the operator reads once a second before it goes on: only by a pod whose
    // answers it waits for can it be sure of more.
    const lag = table.version - this.version('clusters');
    if (type === 'routes' && !this.isKnown && lag > 1) this.#taken.clusters = table;
    this.#taken[type] = table;
  }

  /** A pod is ready once it has everything; it gets clusters first. */
  start(table: RoutingTable | undefined): void {
    if (!table || this.isReady) return;
    for (const type of pollTypes) this.poll(type, table);
    this.isReady = true;
  }

  /** Names of the backends that this Envoy has, and of those that it sends requests to. */
  backends(deployment: string): { known: string[]; weighted: string[] } {
    const of = (type: PollType) =>
      this.#taken[type].routes.find((route) => route.deployment === deployment)?.backends ?? [];
    return {
      known: of('clusters').map(({ revision }) => revision),
      weighted: of('routes')
        .filter(({ percent }) => percent > 0)
        .map(({ revision }) => revision),
    };
  }

  /** Percent of the requests by revision, as it gives them. */
  shares(deployment: string): Record<string, number> {
    const route = this.#taken.routes.routes.find((each) => each.deployment === deployment);
    return Object.fromEntries((route?.backends ?? []).map(({ revision, percent }) => [revision, percent]));
  }

  /**
   * Answers so many requests, each backend by its share. @returns how many each revision got.
   * @param qualityOf undefined of a revision of which no pod answers: Envoy fails its requests, which takes no time.
   */
  serve(
    deployment: string,
    requests: number,
    qualityOf: (revision: string) => Quality | undefined,
  ): Map<string, number> {
    const route = this.#taken.routes.routes.find((each) => each.deployment === deployment);
    const served = new Map<string, number>();
    this.#countAll(requests, route?.backends.every(({ percent }) => percent === 0) === true);
    for (const { revision, percent } of this.isReady ? (route?.backends ?? []) : []) {
      const share = Math.round((requests * percent) / 100);
      const quality = qualityOf(revision);
      const counters = this.#served.get(revision) ?? { ...noRequests, latency: [] };
      this.#served.set(revision, counters);
      served.set(revision, share);
      if (!quality) {
        counters.requests += share;
        counters.errors += share;
        continue;
      }
      for (let request = 0; request < share; request += 1) {
        counters.requests += 1;
        const isEvery = (nth: number) => nth > 0 && counters.requests % nth === 0;
        const isRefused = isEvery(quality.refusesEvery);
        const isBroken = isEvery(quality.nonFiniteEvery) && !isRefused;
        if (isRefused) counters.overloaded += 1;
        if (isBroken) counters.nonFinite += 1;
        if (isBroken || (isEvery(quality.failsEvery) && !isRefused)) counters.errors += 1;
      }
      counters.latency[quality.bucket] = (counters.latency[quality.bucket] ?? 0) + share;
    }
    return served;
  }

  #countAll(requests: number, isUnrouted: boolean): void {
    if (!this.isReady) return;
    const { requests: all, errors } = this.#routed;
    this.#routed = { requests: all + requests, errors: errors + (isUnrouted ? requests : 0) };
  }

  /** What its statistics say. */
  state(deployment: string): GatewayState {
    const routes = this.#taken.routes.routes.map(({ deployment }) => [deployment, this.version('routes')]);
    return {
      clusters: this.version('clusters'),
      listeners: this.version('listeners'),
      routes: Object.fromEntries(routes),
      hosts: this.hosts,
      refusals: this.refusals,
      counters: {
        backends: Object.fromEntries(
          [...this.#served].map(([revision, counters]) => [
            revisionName(deployment, revision),
            { ...counters, latency: Array.from(counters.latency, (count) => count ?? 0) },
          ]),
        ),
        gateway: { [deployment]: this.#routed },
      },
    };
  }

  pod(since: string): ObservedPod {
    const status = this.isReady ? 'True' : 'False';
    return {
      metadata: {
        ...{ name: this.uid, uid: this.uid, creationTimestamp: since },
        ...(this.isRetired ? { deletionTimestamp: since } : {}),
      },
      status: {
        podIP: '10.0.0.1',
        conditions: [{ type: 'Ready', status, lastTransitionTime: since }],
        containerStatuses: [{ name: gatewayContainer, state: { running: { startedAt: formatTime(this.#startedAt) } } }],
      },
    };
  }
}
