// The gateway pods of the simulated namespace: which there are, what they send where, and what would be lost there.
import type { RoutingTable } from '@sluice/operator/core/gateway/routes.ts';
import { revisionName } from '@sluice/operator/core/names.ts';
import type { ObservedPod } from '@sluice/operator/core/pods/observed.ts';
import { type PollType, pollTypes, SimulatedEnvoy } from './envoy.ts';
import { type Clock, created, name } from './objects.ts';
import type { Quality } from './quality.ts';

/** What the gateway pods find in their namespace. */
export type Surroundings = {
  readonly table: RoutingTable | undefined;
  readyPods(revision: string): number;
  /** Whether its pods were away at some time by nobody's decision: what they miss is not the operator's fault. */
  hasBroken(revision: string): boolean;
  qualityOf(revision: string): Quality;
};

export class SimulatedGateways {
  /** Requests that each revision got so far. */
  readonly served = new Map<string, number>();
  /** Requests in a second to each gateway pod. */
  requestsPerSecond = 100;
  /** For how long an answer of DNS holds: what happens to pods meanwhile an Envoy does not find. */
  dnsSeconds = 0;
  readonly #envoys: SimulatedEnvoy[] = [];
  readonly #clock: Clock;
  readonly #around: Surroundings;
  #made = 0;

  constructor(clock: Clock, around: Surroundings) {
    this.#clock = clock;
    this.#around = around;
    this.#add();
    this.#add();
  }

  get count(): number {
    return this.#envoys.length;
  }

  /** The pod at this place; places beyond the last begin anew. */
  at(place: number): SimulatedEnvoy | undefined {
    return this.#envoys[place % this.#envoys.length];
  }

  pods = (): ObservedPod[] => this.#envoys.map((envoy) => envoy.pod(created.creationTimestamp));

  /** The operator knows by now which of them are ready. */
  becomeKnown(): void {
    for (const envoy of this.#envoys) envoy.isKnown = envoy.isReady;
  }

  /** A pod ends without notice and another one takes its place; Kubernetes keeps one ready where it can. */
  replace(place: number): void {
    this.#envoys.splice(place % this.#envoys.length, 1);
    this.#add();
  }

  /** A pod is told to end, goes on for now, and another one is there already. */
  retire(place: number): void {
    const envoy = this.at(place);
    if (envoy) envoy.isRetired = true;
    this.#add();
  }

  /** Pods that were told to end are gone. */
  removeRetired(): void {
    for (const envoy of this.#envoys.filter(({ isRetired }) => isRetired)) {
      this.#envoys.splice(this.#envoys.indexOf(envoy), 1);
    }
  }

  start(place: number): void {
    this.at(place)?.start(this.#around.table);
    this.resolve(place);
  }

  poll(place: number, type: PollType): void {
    this.at(place)?.poll(type, this.#around.table);
  }

  /** It asks DNS for the pods of each backend that it knows, unless the last answers still hold for all of them. */
  resolve(place: number): void {
    const envoy = this.at(place);
    if (!envoy) return;
    const names = envoy.backends(name).known.map((revision) => [revisionName(name, revision), revision] as const);
    const isFresh = this.#clock.now - envoy.resolvedAt < this.dnsSeconds * 1000;
    if (isFresh && names.every(([backend]) => envoy.hosts[backend] !== undefined)) return;
    envoy.hosts = Object.fromEntries(names.map(([backend, revision]) => [backend, this.#around.readyPods(revision)]));
    envoy.resolvedAt = this.#clock.now;
  }

  /** Every pod starts if it can, and takes the newest table. */
  pollAll(): void {
    for (let place = 0; place < this.count; place += 1) {
      this.start(place);
      for (const type of pollTypes) this.poll(place, type);
    }
  }

  /** Clients send so many requests to every pod. */
  serve(requests: number): void {
    for (const envoy of this.#envoys) {
      for (const [revision, count] of envoy.serve(name, requests, (each) => this.#qualityOf(envoy, each))) {
        this.served.set(revision, (this.served.get(revision) ?? 0) + count);
      }
    }
  }

  /** What is sent to a revision without pods fails at once, and so does what goes to one of which none is found. */
  #qualityOf({ hosts }: SimulatedEnvoy, revision: string): Quality | undefined {
    const isFound = hosts[revisionName(name, revision)] !== 0;
    return isFound && this.#around.readyPods(revision) > 0 ? this.#around.qualityOf(revision) : undefined;
  }

  /** What is wrong at this instant, if anything: a request that Envoy would send nowhere, and that pods could answer. */
  lostRequests = (): string[] => this.#envoys.filter(({ isReady }) => isReady).flatMap((envoy) => this.#lostBy(envoy));

  #lostBy(envoy: SimulatedEnvoy): string[] {
    const { known, weighted } = envoy.backends(name);
    return weighted.flatMap((revision) => {
      if (!known.includes(revision)) return [`${envoy.uid} sends to ${revision}, whose cluster it does not have`];
      if (this.#around.hasBroken(revision)) return [];
      const hosts = envoy.hosts[revisionName(name, revision)] ?? 0;
      if (hosts === 0) return [`${envoy.uid} sends to ${revision}, of which it has found no pod`];
      const isThere = this.#around.readyPods(revision) > 0;
      return isThere ? [] : [`${envoy.uid} sends to ${revision}, which has no pod`];
    });
  }

  #add(): void {
    this.#made += 1;
    this.#envoys.push(new SimulatedEnvoy(`envoy-${this.#made}`, this.#clock.now));
  }
}
