// What an Envoy has counted of requests, from the lines of its `/stats`.
import { fallbackCounters, fallbackScope } from '../../core/gateway/envoy/fallback/filter.ts';
import { listenerOf } from '../../core/gateway/envoy/stat-names.ts';
import type { FallbackCounts, GatewayState } from '../../core/gateway/observed.ts';
import { byName } from '../../core/names.ts';
import { latencyBuckets } from '../../core/traffic/latency-buckets.ts';
import { type BackendLines, backendCounters, isAnswerCounter, noLines, predictionCounters } from './backend-counts.ts';
import { countIn, type Statistic } from './envoy-stats.ts';

type Counters = NonNullable<GatewayState['counters']>;

const ofRequests = 'upstream_rq_';
/** Of answers that carry `predictedHeader`. */
const ofPredictions = 'canary';

/**
 * Of a listener: all its requests, and the 503 that Envoy gave because no cluster was there, as while no revision serves.
 * Only what no client can bring about is among them: it finds no route for CONNECT and for the path `*`.
 */
export const listenerCounters = { total: 'rq_total', unserved: 'no_cluster' } as const;

/** Collects the statistics; each that says something else is left alone. */
export class CounterLines {
  #isEnvoy = false;
  #isBroken = false;
  readonly #backends = new Map<string, BackendLines>();
  readonly #gateway = new Map<string, Counters['gateway'][string]>();
  /** By deployments of which a pod says the bare name: it counts where no other is said. */
  readonly #bare = new Map<string, Counters['gateway'][string]>();
  readonly #fallback = new Map<string, FallbackCounts>();

  take({ parts, value }: Statistic): void {
    const [scope = '', name = '', event = ''] = parts;
    // Every answer that is Envoy's own has it, whatever else there is to tell.
    if (scope === 'server' && name === 'uptime') this.#isEnvoy ||= countIn(value) !== undefined;
    if (name === '') return;
    if (scope === 'cluster') this.#takeCluster(name, parts.slice(2), value);
    if (scope === 'http' && parts.length === 3) this.#takeListener(name, event, countIn(value));
    if (scope === fallbackScope && parts.length === 4) this.#takeFallback(parts, countIn(value));
  }

  /** Whether a number was among them that cannot be one. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** @returns undefined for what is not Envoy's answer: counters that are absent from it have not fallen to 0. */
  counters(): Counters | undefined {
    if (!this.#isEnvoy) return undefined;
    const backends = [...this.#backends].map(([name, lines]) => [name, backendCounters(lines)] as const);
    return {
      backends: byName(backends),
      gateway: byName([...this.#bare, ...this.#gateway]),
      ...(this.#fallback.size > 0 && { fallback: byName(this.#fallback) }),
    };
  }

  #takeCluster(cluster: string, event: readonly string[], value: string): void {
    const arePredictions = event.length === 2 && event[0] === ofPredictions;
    const what = event.at(-1) ?? '';
    if ((event.length !== 1 && !arePredictions) || !what.startsWith(ofRequests)) return;
    const name = what.slice(ofRequests.length);
    if (name === 'time') this.#takeLatency(cluster, value, arePredictions);
    const count = countIn(value);
    if (count === undefined || !isAnswerCounter(name)) return;
    const lines = this.#linesOf(cluster);
    if (!arePredictions) lines.answers.set(name, this.#checked(count));
    else if (predictionCounters.some((each) => each === name)) lines.predictions = this.#checked(count);
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

  #takeFallback([, counter, , deployment = '']: readonly string[], count: number | undefined): void {
    if (count === undefined) return;
    const counts = this.#fallback.get(deployment) ?? { liveVersion: 0, staticAnswer: 0 };
    const { liveVersion, staticAnswer } = fallbackCounters;
    if (counter === liveVersion) this.#fallback.set(deployment, { ...counts, liveVersion: this.#checked(count) });
    if (counter === staticAnswer) this.#fallback.set(deployment, { ...counts, staticAnswer: this.#checked(count) });
  }

  #takeLatency(cluster: string, value: string, arePredictions: boolean): void {
    if (!value.startsWith('B')) return;
    const latency = bucketsOf(value);
    this.#isBroken ||= latency === undefined;
    if (latency) this.#linesOf(cluster)[arePredictions ? 'predictionLatency' : 'latency'] = latency;
  }

  #linesOf(cluster: string): BackendLines {
    const lines = this.#backends.get(cluster) ?? noLines();
    this.#backends.set(cluster, lines);
    return lines;
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
