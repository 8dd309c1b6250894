// The one listener that leads to every model of the namespace, by host and path. It hands a request on to the listener of its
// ModelDeployment in the same process, which does everything else: shares, limits and evidence are the same on both ways.

import { longestWaitSeconds } from '../../traffic/time-limits.ts';
import { type Front, isTakenOff, type Place } from '../places.ts';
import type { Route, RoutingTable } from '../routes.ts';
import { everyAddress } from './address.ts';
import { noCircuitBreaker } from './cluster.ts';
import { connectionManager, router } from './connection-manager.ts';
import { clientLimits } from './limits/client-limits.ts';
import { refusals } from './limits/request-limits.ts';
import { localReplies } from './local-replies.ts';
import { type EnvoyResource, fromStream, typeUrls } from './source.ts';
import { frontChains, type KeptTls } from './tls/filter-chains.ts';

/** Port of the front in a gateway pod; the Service sluice-gateway leads to it. */
export const frontPort = 9903;

/** Name of its listener, its routes and its cluster. No ModelDeployment can have it. */
export const frontName = 'sluice_front';

/** Names the listener that the request is for; what a client writes there is written over. */
const destination = 'x-sluice-listener';

/** What asks whether the gateway is there: 200, and 503 as soon as the pod is about to leave. */
export const healthPaths = ['/', '/v2/health/live', '/v2/health/ready'] as const;

const healthCheck = {
  name: 'envoy.filters.http.health_check',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.health_check.v3.HealthCheck',
    pass_through_mode: false,
    headers: [{ name: ':path', string_match: { safe_regex: { regex: `(${healthPaths.join('|')})(\\?.*)?` } } }],
  },
};

/** A model of the front is given its own time by its own listener, which answers first. */
const patienceSeconds = longestWaitSeconds + 5;

type Placed = Route & { readonly place: Place };
const isPlaced = (route: Route): route is Placed => route.place !== undefined;

/** Longer paths first: what stands below another one is found. */
const byLength = (a: Placed, b: Placed) =>
  b.place.path.length - a.place.path.length || (a.deployment < b.deployment ? -1 : 1);

/** What matches a place, and what is left of the path then. */
function matchesOf(place: Place): { readonly match: object; readonly rewrite?: object }[] {
  if (place.path === '/') return [{ match: { prefix: '/' } }];
  if (!isTakenOff(place)) return [{ match: { path_separated_prefix: place.path } }];
  const rewrite = { prefix_rewrite: '/' };
  return [
    { match: { path: place.path }, rewrite },
    { match: { prefix: `${place.path}/` }, rewrite },
  ];
}

/** A connection that was closed before the request was sent is no answer. */
const retryPolicy = { retry_on: 'connect-failure,refused-stream,reset-before-request', num_retries: 2 };

/** What its listener would refuse is refused here: the answer would cross the rest of the body between the two. */
const routesTo = ({ place, port, backends }: Placed) =>
  matchesOf(place).flatMap(({ match, rewrite = {} }) => [
    ...(backends.length > 0 ? refusals({ backends }, match) : []),
    {
      match,
      route: { cluster: frontName, timeout: `${patienceSeconds}s`, retry_policy: retryPolicy, ...rewrite },
      request_headers_to_add: [
        { header: { key: destination, value: `127.0.0.1:${port}` }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
      ],
    },
  ]);

const nothingThere = {
  match: { prefix: '/' },
  direct_response: { status: 404, body: { inline_string: 'no model is found at this host and path' } },
};

/** Models with a host of their own are found only by it, all others by any other host. */
export function frontRoutes({ routes }: RoutingTable): EnvoyResource {
  const byHost = Map.groupBy(routes.filter(isPlaced).toSorted(byLength), ({ place }) => place.host ?? '*');
  const hosts = [...byHost].map(([name, placed]) => ({
    name,
    domains: [name],
    routes: [...placed.flatMap(routesTo), nothingThere],
  }));
  const others = byHost.has('*') ? [] : [{ name: '*', domains: ['*'], routes: [nothingThere] }];
  return { '@type': typeUrls.routes, name: frontName, virtual_hosts: [...hosts, ...others] };
}

type FrontPlace = { readonly hasIpv6: boolean; readonly tls?: KeptTls | undefined };

/** Its clients may be proxies: the address of the client is the one that they name, as far as they are to be believed. */
export function frontListener({ trustedProxies }: Front, { hasIpv6, tls }: FrontPlace): EnvoyResource {
  const http = connectionManager({
    stat_prefix: frontName,
    codec_type: 'AUTO',
    use_remote_address: true,
    xff_num_trusted_hops: trustedProxies,
    strip_any_host_port: true,
    rds: { route_config_name: frontName, config_source: fromStream },
    http_filters: [healthCheck, router],
    ...clientLimits({ defaultHost: frontName }),
    generate_request_id: false,
    local_reply_config: localReplies,
    drain_timeout: '5s',
  });
  return {
    '@type': typeUrls.listeners,
    name: frontName,
    address: everyAddress(frontPort, hasIpv6),
    filter_chains: frontChains([http], tls),
  };
}

/** Leads to whatever listener of this pod the route named. */
export const frontCluster: EnvoyResource = {
  '@type': typeUrls.clusters,
  name: frontName,
  type: 'ORIGINAL_DST',
  lb_policy: 'CLUSTER_PROVIDED',
  connect_timeout: '1s',
  original_dst_lb_config: { use_http_header: true, http_header_name: destination },
  circuit_breakers: noCircuitBreaker,
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      common_http_protocol_options: { idle_timeout: '60s' },
      explicit_http_config: { http_protocol_options: {} },
    },
  },
};
