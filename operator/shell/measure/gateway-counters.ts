// What an Envoy has counted of requests, parsed from the lines of its `/stats`.
import { nonFiniteStatus } from '@sluice/crds/contract.ts';
import type { BackendCounters, GatewayState } from '../../core/gateway/observed.ts';

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

const patterns = {
  /** Every answer that is Envoy's own has it, whatever else there is to tell. */
  uptime: /^server\.uptime: \d+$/,
  requests: /^cluster\.([^.]+)\.upstream_rq_(\w+): (\d+)$/,
  latency: /^cluster\.([^.]+)\.upstream_rq_time: (B.+)$/,
  /** 503 that Envoy gave because no route or no cluster was there, or because the route says so. */
  gateway: /^http\.([^.]+)\.(rq_total|no_cluster|no_route|rq_direct_response): (\d+)$/,
};

/** Requests per bucket, from `B0.5(<new>,<sum>) B0.625(…) …`, where each sum holds the buckets below. */
function bucketsOf(text: string): number[] {
  const sums = [...text.matchAll(/B[\d.e+]+\(\d+,(\d+)\)/g)].map(([, sum]) => Number(sum));
  const counts = sums.map((sum, index) => sum - (sums[index - 1] ?? 0));
  return counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
}

const nothingCounted: BackendCounters = { requests: 0, errors: 0, overloaded: 0, nonFinite: 0, latency: [] };

/** Collects the lines; each that says something else is left alone. */
class CounterLines {
  #isEnvoy = false;
  readonly #backends = new Map<string, BackendCounters>();
  readonly #gateway = new Map<string, Counters['gateway'][string]>();

  take(line: string): void {
    this.#isEnvoy ||= patterns.uptime.test(line);
    const [, cluster, name = '', value] = patterns.requests.exec(line) ?? [];
    const counter = countersByName.get(name);
    if (cluster !== undefined && counter !== undefined) this.#add(cluster, { [counter]: Number(value) });
    const [, measured, buckets] = patterns.latency.exec(line) ?? [];
    if (measured !== undefined) this.#add(measured, { latency: bucketsOf(buckets ?? '') });
    const [, listener, event, times] = patterns.gateway.exec(line) ?? [];
    if (listener !== undefined) this.#addGateway(listener, event === 'rq_total', Number(times));
  }

  counters(): Counters | undefined {
    if (!this.#isEnvoy) return undefined;
    return { backends: Object.fromEntries(this.#backends), gateway: Object.fromEntries(this.#gateway) };
  }

  #add(cluster: string, part: Partial<BackendCounters>): void {
    const before = this.#backends.get(cluster) ?? nothingCounted;
    this.#backends.set(cluster, { ...before, ...part });
  }

  #addGateway(deployment: string, isTotal: boolean, value: number): void {
    const { requests, errors } = this.#gateway.get(deployment) ?? { requests: 0, errors: 0 };
    this.#gateway.set(deployment, isTotal ? { requests: value, errors } : { requests, errors: errors + value });
  }
}

/** @returns undefined for what is not Envoy's answer: counters that are absent from it have not fallen to 0. */
export function parseGatewayCounters(text: string): Counters | undefined {
  const lines = new CounterLines();
  for (const line of text.split('\n')) lines.take(line);
  return lines.counters();
}
