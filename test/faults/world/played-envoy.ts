// A gateway pod as the operator sees one: it takes what it is told as Envoy does, sends requests by the weights that it
// was given, and answers what it has counted. The real one is in test/integration/gateway.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { gatewayPorts } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import type { EnvoyResource } from '@sluice/operator/core/gateway/envoy/source.ts';
import { latencyBuckets } from '@sluice/operator/core/traffic/latency-buckets.ts';
import { DeltaClient, type Taken } from '@sluice/operator/shell/xds/testing/delta-client.ts';
import { hangUp, listen } from './address-book.ts';
import type { PlayedNamespace } from './played-namespace.ts';

/** All listeners of a pod together. */
const usualRequestsPerSecond = 1000;
/** Index of the bucket in which every answer is. */
const answerBucket = 5;

type RouteConfiguration = EnvoyResource & {
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
  readonly #pod: { readonly name: string; readonly uid: string };
  readonly #startedMs = performance.now();
  readonly #counted = new Map<string, Counted>();
  readonly #routes = new Map<string, Route>();
  readonly #versions = { clusters: '', listeners: '' };
  readonly #clusters = new Set<string>();
  readonly #listeners = new Set<string>();
  #servedUntilMs = performance.now();
  #server: Server | undefined;

  constructor(namespace: PlayedNamespace, pod: { readonly name: string; readonly uid: string }) {
    this.#namespace = namespace;
    this.#pod = pod;
  }

  /** Envoy is ready once it has an answer to each of its questions. */
  get isReady(): boolean {
    return this.#listeners.size > 0 && [...this.#listeners].every((name) => this.#routes.has(name));
  }

  /** Takes its routes, and answers on `address` until `signal` aborts; calls `onReady` once. */
  async run(address: string, signal: AbortSignal, onReady: () => void): Promise<void> {
    this.#server = await listen({ address, port: gatewayPorts.stats }, (request, response) =>
      this.#answer(request, response),
    );
    let wasReady = false;
    const { name: namespace, behaviour } = this.#namespace;
    const client = new DeltaClient({
      address: behaviour.xdsAddress,
      certificates: behaviour.hop.certificates,
      token: () => behaviour.hop.tokenOf({ namespace, ...this.#pod }),
      node: { id: this.#pod.name, cluster: namespace },
      onTaken: (taken) => {
        this.#take(taken);
        if (this.isReady && !wasReady) onReady();
        wasReady ||= this.isReady;
      },
    });
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.close();
    hangUp(this.#server);
  }

  #take({ type, resources, removed, version }: Taken): void {
    if (type === 'routes') {
      this.#serve();
      for (const each of resources) this.#takeRoute(each, version);
      return;
    }
    const held = type === 'clusters' ? this.#clusters : this.#listeners;
    for (const { name } of resources) held.add(name);
    for (const name of removed) {
      held.delete(name);
      if (type === 'listeners') this.#routes.delete(name);
    }
    this.#versions[type] = version;
  }

  #takeRoute(resource: RouteConfiguration, version: string): void {
    // What the gateway refuses by itself comes before the shares.
    const routes = resource.virtual_hosts?.[0]?.routes ?? [];
    const shares = routes.flatMap(({ route }) => route?.weighted_clusters ?? []).at(0);
    this.#routes.set(resource.name, { version, weighted: shares?.clusters ?? [] });
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
    const hosts = this.#namespace.hosts();
    return [
      `server.uptime: ${Math.floor((performance.now() - this.#startedMs) / 1000)}`,
      `cluster_manager.cds.version_text: "${clusters}"`,
      `listener_manager.lds.version_text: "${listeners}"`,
      ...[...this.#routes].map(([name, { version }]) => `http.${name}.rds.${name}.version_text: "${version}"`),
      ...[...this.#clusters].map((name) => `cluster.${name}.membership_healthy: ${hosts.get(name) ?? 0}`),
      ...[...this.#counted].flatMap(([name, counted]) => countersOf(name, counted)),
    ];
  }
}

function countersOf(cluster: string, counted: Counted): string[] {
  const requests = Math.floor(counted.requests);
  const sums = latencyBuckets.map((edge, index) => `B${edge}(0,${index < answerBucket ? 0 : requests})`);
  const latency = requests === 0 ? 'No recorded values' : sums.join(' ');
  return [
    `cluster.${cluster}.upstream_rq_2xx: ${Math.floor(counted.requests - counted.errors)}`,
    `cluster.${cluster}.upstream_rq_5xx: ${Math.floor(counted.errors)}`,
    `cluster.${cluster}.upstream_rq_time: ${latency}`,
  ];
}
