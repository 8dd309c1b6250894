// A gateway pod as the operator sees one: it polls the routing table as Envoy does, sends requests by the weights that it
// was given, and answers what it has counted. The real one is in test/integration/gateway.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gatewayPorts, latencyBuckets } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import { hangUp, listen } from './address-book.ts';
import type { PlayedNamespace } from './played-namespace.ts';

const pollEveryMs = 250;
/** All listeners of a pod together. */
const usualRequestsPerSecond = 1000;
/** Index of the bucket in which every answer is. */
const answerBucket = 5;

type XdsType = 'clusters' | 'listeners' | 'routes';
type Answer = { readonly version_info: string; readonly resources: readonly Resource[] };
type Resource = {
  readonly name: string;
  readonly virtual_hosts?: readonly {
    readonly routes: readonly {
      readonly route?: { readonly weighted_clusters?: { readonly clusters: readonly Weighted[] } };
    }[];
  }[];
};
type Weighted = { readonly name: string; readonly weight: number };

/** What the pod has of a route. */
type Route = { readonly version: string; readonly weighted: readonly Weighted[] };

/** Requests and errors are fractions until they are read: time passes in small pieces. */
type Counted = { requests: number; errors: number };

/** One Envoy. */
export class PlayedEnvoy {
  readonly #namespace: PlayedNamespace;
  readonly #node: string;
  readonly #startedMs = performance.now();
  readonly #counted = new Map<string, Counted>();
  readonly #routes = new Map<string, Route>();
  readonly #versions = { clusters: '', listeners: '' };
  #clusters: readonly string[] = [];
  #listeners: readonly string[] = [];
  #servedUntilMs = performance.now();
  #server: Server | undefined;
  #life: AbortSignal | undefined;

  constructor(namespace: PlayedNamespace, node: string) {
    this.#namespace = namespace;
    this.#node = node;
  }

  /** Envoy is ready once it has an answer to each of its questions. */
  get isReady(): boolean {
    return this.#listeners.length > 0 && this.#listeners.every((name) => this.#routes.has(name));
  }

  /** Polls and answers on `address` until `signal` aborts; calls `onReady` once. */
  async run(address: string, signal: AbortSignal, onReady: () => void): Promise<void> {
    this.#life = signal;
    this.#server = await listen({ address, port: gatewayPorts.stats }, (request, response) =>
      this.#answer(request, response),
    );
    let wasReady = false;
    while (!signal.aborted) {
      await this.#pollAll();
      if (this.isReady && !wasReady) onReady();
      wasReady ||= this.isReady;
      await delay(pollEveryMs, undefined, { signal }).catch(() => {});
    }
    hangUp(this.#server);
  }

  async #pollAll(): Promise<void> {
    const clusters = await this.#poll('clusters', this.#versions.clusters);
    if (clusters) {
      this.#clusters = clusters.resources.map(({ name }) => name);
      this.#versions.clusters = clusters.version_info;
    }
    const listeners = await this.#poll('listeners', this.#versions.listeners);
    if (listeners) {
      this.#listeners = listeners.resources.map(({ name }) => name);
      this.#versions.listeners = listeners.version_info;
    }
    for (const name of this.#listeners) {
      const answer = await this.#poll('routes', this.#routes.get(name)?.version ?? '', [name]);
      const [resource] = answer?.resources ?? [];
      if (answer && resource) this.#take(resource, answer.version_info);
    }
  }

  #take(resource: Resource, version: string): void {
    this.#serve();
    // What the gateway refuses by itself comes before the shares.
    const routes = resource.virtual_hosts?.[0]?.routes ?? [];
    const shares = routes.flatMap(({ route }) => route?.weighted_clusters ?? []).at(0);
    this.#routes.set(resource.name, { version, weighted: shares?.clusters ?? [] });
  }

  /** Nothing new, or no operator that answers, is the same to Envoy: it goes on with what it has. */
  async #poll(type: XdsType, version: string, names: readonly string[] = []): Promise<Answer | undefined> {
    const node = { id: this.#node, cluster: this.#namespace.name };
    const body = { node, ...(version && { version_info: version }), resource_names: names };
    try {
      const response = await fetch(`${this.#namespace.behaviour.xdsUrl}/v3/discovery:${type}`, {
        method: 'POST',
        body: JSON.stringify(body),
        signal: AbortSignal.any([AbortSignal.timeout(5000), ...(this.#life ? [this.#life] : [])]),
      });
      const text = await response.text();
      return response.status === 200 ? (JSON.parse(text) as Answer) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Lets the requests of the time that has passed happen. */
  #serve(): void {
    const now = performance.now();
    const { requestsPerSecond = usualRequestsPerSecond } = this.#namespace.behaviour;
    const requests = ((now - this.#servedUntilMs) / 1000) * requestsPerSecond;
    this.#servedUntilMs = now;
    for (const [deployment, { weighted }] of this.#routes) {
      for (const { name, weight } of weighted) {
        const share = (requests * weight) / 100 / this.#routes.size;
        const isLost = this.#namespace.hostsOf(name) === 0;
        if (isLost) this.#namespace.lose(deployment, share);
        const counted = this.#counted.get(name) ?? { requests: 0, errors: 0 };
        const errors = isLost ? share : share * this.#namespace.qualityOf(name).errorShare;
        this.#counted.set(name, { requests: counted.requests + share, errors: counted.errors + errors });
      }
    }
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    if (!url.startsWith('/stats')) {
      response.writeHead(404).end();
      return;
    }
    this.#serve();
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`${this.#stats().join('\n')}\n`);
  }

  /** Lines of Envoy's `/stats`. */
  #stats(): string[] {
    const { clusters, listeners } = this.#versions;
    return [
      `server.uptime: ${Math.floor((performance.now() - this.#startedMs) / 1000)}`,
      `cluster_manager.cds.version_text: "${clusters}"`,
      `listener_manager.lds.version_text: "${listeners}"`,
      ...[...this.#routes].map(([name, { version }]) => `http.${name}.rds.${name}.version_text: "${version}"`),
      ...this.#clusters.map((name) => `cluster.${name}.membership_healthy: ${this.#namespace.hostsOf(name)}`),
      ...[...this.#counted].flatMap(([name, counted]) => countersOf(name, counted)),
    ];
  }
}

function countersOf(cluster: string, counted: Counted): string[] {
  const requests = Math.floor(counted.requests);
  const sums = latencyBuckets.map((edge, index) => `B${edge}(0,${index < answerBucket ? 0 : requests})`);
  return [
    `cluster.${cluster}.upstream_rq_2xx: ${Math.floor(counted.requests - counted.errors)}`,
    `cluster.${cluster}.upstream_rq_5xx: ${Math.floor(counted.errors)}`,
    `cluster.${cluster}.upstream_rq_time: ${sums.join(' ')}`,
  ];
}
