// What a routing table means to Envoy: clusters, listeners and route configurations as the v3 API has them in JSON.
import { longestRequestSeconds, ports } from '@sluice/crds/contract.ts';
import { revisionName } from '../names.ts';
import type { Backend, Route, RoutingTable } from './routes.ts';

/** Envoy's static cluster that leads to the operator. */
export const xdsCluster = 'sluice-xds';

/** The resource types that are polled, by the last part of the discovery URL. */
export const typeUrls = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  listeners: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
} as const;
export type XdsType = keyof typeof typeUrls;

export type EnvoyResource = { readonly '@type': string; readonly name: string; readonly [field: string]: unknown };

/** Polls the operator; used in the bootstrap for clusters and listeners, and here for routes. */
export const pollSource = {
  resource_api_version: 'V3',
  // A gateway that starts while no operator answers waits, not ready, instead of serving without routes.
  initial_fetch_timeout: '0s',
  api_config_source: {
    api_type: 'REST',
    transport_api_version: 'V3',
    cluster_names: [xdsCluster],
    // From an answer to the next poll; one that has nothing new to be told is answered late.
    refresh_delay: '0.25s',
    request_timeout: '5s',
  },
};

/** The server closes an idle connection after 75 s; Envoy must be the first to let go. */
const idleTimeout = '60s';
/** What the gateway waits beyond the server's own time-out, so that the server's answer wins. */
const timeoutMarginSeconds = 5;

/** No request of any deployment is under way for longer. */
export const longestWaitSeconds = longestRequestSeconds + timeoutMarginSeconds;

const never = 1_000_000;

/** Pods come and go while nobody tells Envoy: it asks DNS itself, every second, and balances over every address. */
export const strictDns = {
  name: 'envoy.cluster.dns',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster',
    dns_refresh_rate: '1s',
    dns_lookup_family: 'ALL',
    respect_dns_ttl: false,
    all_addresses_in_single_endpoint: false,
  },
};

/** Limits so high that only the server's own queue says no. */
const noCircuitBreaker = {
  thresholds: [{ max_connections: never, max_pending_requests: never, max_requests: never, max_retries: never }],
};

export type EnvoyPlace = {
  readonly namespace: string;
  readonly clusterDomain: string;
  /** Whether pods of the cluster have IPv6 addresses. */
  readonly hasIpv6: boolean;
};

/** Every address of the pod, of both families where there are both. Without IPv6 in the kernel `::` cannot be listened on. */
export const everyAddress = (port: number, hasIpv6: boolean) => ({
  socket_address: hasIpv6
    ? { address: '::', ipv4_compat: true, port_value: port }
    : { address: '0.0.0.0', port_value: port },
});

function cluster(deployment: string, { revision }: Backend, place: EnvoyPlace): EnvoyResource {
  const name = revisionName(deployment, revision);
  const host = `${name}.${place.namespace}.svc.${place.clusterDomain}`;
  const socket_address = { address: host, port_value: ports.http };
  return {
    '@type': typeUrls.clusters,
    name,
    cluster_type: strictDns,
    connect_timeout: '1s',
    lb_policy: 'LEAST_REQUEST',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address } } }] }],
    },
    circuit_breakers: noCircuitBreaker,
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        common_http_protocol_options: { idle_timeout: idleTimeout, max_requests_per_connection: 1000 },
        explicit_http_config: { http_protocol_options: {} },
      },
    },
  };
}

/** Only failures before the server took the request are tried again, on another pod: nothing is computed twice. */
const retryPolicy = {
  retry_on: 'connect-failure,refused-stream,reset-before-request',
  num_retries: 3,
  retry_host_predicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      },
    },
  ],
  host_selection_retry_max_attempts: 5,
};

const nothingServes = 'no revision of this model serves yet';

/** What the gateway itself has to say is said as the Open Inference Protocol says errors. */
const localReplies = { body_format: { json_format: { error: '%LOCAL_REPLY_BODY%' } } };

function routeConfiguration({ deployment, backends }: Route): EnvoyResource {
  const serving = backends.filter(({ percent }) => percent > 0);
  const slowest = Math.max(0, ...backends.map(({ requestTimeoutSeconds }) => requestTimeoutSeconds));
  const clusters = serving.map(({ revision, percent }) => ({
    name: revisionName(deployment, revision),
    weight: percent,
  }));
  const action =
    serving.length > 0
      ? {
          route: {
            weighted_clusters: { clusters },
            timeout: `${slowest + timeoutMarginSeconds}s`,
            retry_policy: retryPolicy,
          },
        }
      : { direct_response: { status: 503, body: { inline_string: nothingServes } } };
  return {
    '@type': typeUrls.routes,
    name: deployment,
    virtual_hosts: [{ name: deployment, domains: ['*'], routes: [{ match: { prefix: '/' }, ...action }] }],
  };
}

const router = {
  name: 'envoy.filters.http.router',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
    suppress_envoy_headers: true,
  },
};

function listener({ deployment, port }: Route, hasIpv6: boolean): EnvoyResource {
  const connectionManager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: deployment,
    codec_type: 'AUTO',
    rds: { route_config_name: deployment, config_source: pollSource },
    http_filters: [router],
    common_http_protocol_options: { idle_timeout: '300s' },
    request_headers_timeout: '10s',
    generate_request_id: false,
    local_reply_config: localReplies,
    drain_timeout: '5s',
  };
  const name = 'envoy.filters.network.http_connection_manager';
  return {
    '@type': typeUrls.listeners,
    name: deployment,
    address: everyAddress(port, hasIpv6),
    filter_chains: [{ filters: [{ name, typed_config: connectionManager }] }],
  };
}

/** The resources of one type, in the table's order. */
export function envoyResources(type: XdsType, { routes }: RoutingTable, place: EnvoyPlace): EnvoyResource[] {
  if (type === 'listeners') return routes.map((route) => listener(route, place.hasIpv6));
  if (type === 'routes') return routes.map(routeConfiguration);
  return routes.flatMap(({ deployment, backends }) => backends.map((backend) => cluster(deployment, backend, place)));
}
