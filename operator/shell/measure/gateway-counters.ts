// What an Envoy has counted of requests, from the lines of its `/stats`.
import { nonFiniteStatus } from '@sluice/crds/contract.ts';
import { latencyBuckets } from '../../core/gateway/envoy/bootstrap.ts';
import { listenerOf } from '../../core/gateway/envoy/stat-names.ts';
import type { BackendCounters, GatewayState } from '../../core/gateway/observed.ts';
import { byName } from '../../core/names.ts';
import { countIn, type Statistic } from './envoy-stats.ts';

type Counters = NonNullable<GatewayState['counters']>;

/**
 * Envoy's `upstream_rq_…` of a cluster. Each counts one answer for each request of a client, whatever retries it took; what
 * Envoy answers itself is among them.
 */
export const countersByName: ReadonlyMap<string, Exclude<keyof BackendCounters, 'latency'>> = new Map([
  ['completed', 'requests'],
  ['5xx', 'errors'],
  ['429', 'overloaded'],
  [String(nonFiniteStatus), 'nonFinite'],
] as const);

const ofRequests = 'upstream_rq_';

/**
 * Of a listener: all its requests, and the 503 that Envoy gave because no cluster was there, as while no revision serves.
 * Only what no client can bring about is among them: it finds no route for CONNECT and for the path `*`.
 */
export const listenerCounters = { total: 'rq_total', unserved: 'no_cluster' } as const;

const nothingCounted: BackendCounters = { requests: 0, errors: 0, overloaded: 0, nonFinite: 0, latency: [] };

/** Collects the statistics; each that says something else is left alone. */
export class CounterLines {
  #isEnvoy = false;
  #isBroken = false;
  readonly #backends = new Map<string, BackendCounters>();
  readonly #gateway = new Map<string, Counters['gateway'][string]>();
  /** By deployments of which a pod says the bare name: it counts where no other is said. */
  readonly #bare = new Map<string, Counters['gateway'][string]>();

  take({ parts, value }: Statistic): void {
    const [scope = '', name = '', event = ''] = parts;
    // Every answer that is Envoy's own has it, whatever else there is to tell.
    if (scope === 'server' && name === 'uptime') this.#isEnvoy ||= countIn(value) !== undefined;
    if (parts.length !== 3 || name === '') return;
    if (scope === 'cluster' && event.startsWith(ofRequests))
      this.#takeCluster(name, event.slice(ofRequests.length), value);
    if (scope === 'http') this.#takeListener(name, event, countIn(value));
  }

  /** Whether a number was among them that cannot be one. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** @returns undefined for what is not Envoy's answer: counters that are absent from it have not fallen to 0. */
  counters(): Counters | undefined {
    if (!this.#isEnvoy) return undefined;
    return { backends: byName(this.#backends), gateway: byName([...this.#bare, ...this.#gateway]) };
  }

  #takeCluster(cluster: string, event: string, value: string): void {
    if (event === 'time') {
      if (value.startsWith('B')) this.#addBuckets(cluster, value);
      return;
    }
    const counter = countersByName.get(event);
    const count = countIn(value);
    if (counter !== undefined && count !== undefined) this.#add(cluster, { [counter]: this.#checked(count) });
  }

  #takeListener(scope: string, event: string, count: number | undefined): void {
    const listener = listenerOf(scope);
    if (count === undefined || !listener) return;
    const counted = listener.isBare ? this.#bare : this.#gateway;
    const { requests, errors } = counted.get(listener.deployment) ?? { requests: 0, errors: 0 };
    const { total, unserved } = listenerCounters;
    if (event === total) counted.set(listener.deployment, { requests: this.#checked(count), errors });
    if (event === unserved) counted.set(listener.deployment, { requests, errors: this.#checked(count) });
  }

  #addBuckets(cluster: string, text: string): void {
    const latency = bucketsOf(text);
    if (latency) this.#add(cluster, { latency });
    else this.#isBroken = true;
  }

  #add(cluster: string, part: Partial<BackendCounters>): void {
    const before = this.#backends.get(cluster) ?? nothingCounted;
    this.#backends.set(cluster, { ...before, ...part });
  }

  #checked(count: number): number {
    this.#isBroken ||= !Number.isSafeInteger(count);
    return count;
  }
}

/**
 * Requests per bucket, from `B0.5(<new>,<sum>) B0.625(…) …`, where each sum holds the buckets below.
 * @returns undefined for more buckets than there are, for sums that fall, and for what is no sum.
 */
function bucketsOf(text: string): number[] | undefined {
  const counts: number[] = [];
  let before = 0;
  let start = text.indexOf(',') + 1;
  while (start > 0) {
    const end = text.indexOf(')', start);
    const count = (countIn(text.slice(start, end)) ?? Number.NaN) - before;
    if (end === -1 || !(count >= 0) || counts.length >= latencyBuckets.length) return undefined;
    counts.push(count);
    before += count;
    start = text.indexOf(',', end) + 1;
  }
  return counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
}
