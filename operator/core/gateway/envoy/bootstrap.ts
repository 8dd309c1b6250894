// Envoy's static configuration: who tells it what to do, and the only window into it. Written as JSON, which Envoy reads as
// YAML.
import { latencyBuckets } from '../../traffic/latency-buckets.ts';
import { everyAddress, strictDns } from './address.ts';
import { connectionManager, plainRouter } from './connection-manager.ts';
import { mostConnections } from './limits/request-limits.ts';
import { listenerDrainSeconds } from './limits/time-limits.ts';
import { operatorTransport } from './operator-link.ts';
import { fromStream, stream, streamProtocol, xdsCluster } from './source.ts';
import { adminCluster, windowName } from './stat-names.ts';

/** Ports of a gateway pod besides its listeners. */
export const gatewayPorts = {
  /** Envoy's admin interface: loopback only, it could stop the gateway. */
  admin: 9901,
  /** Read-only statistics and readiness, for the operator and Prometheus. */
  stats: 9902,
} as const;

const localhost = (port: number) => ({ address: { socket_address: { address: '127.0.0.1', port_value: port } } });

/** GET only, and only what shows: nothing that changes or dumps the configuration. */
const readOnlyRoutes = ['/ready', '/stats', '/stats/prometheus'].map((path) => ({
  match: { path, headers: [{ name: ':method', string_match: { exact: 'GET' } }] },
  route: { cluster: adminCluster, timeout: '5s' },
}));

const statsListener = (hasIpv6: boolean) => ({
  name: windowName,
  address: everyAddress(gatewayPorts.stats, hasIpv6),
  ignore_global_conn_limit: true,
  filter_chains: [
    {
      filters: [
        connectionManager({
          stat_prefix: windowName,
          route_config: { virtual_hosts: [{ name: 'stats', domains: ['*'], routes: readOnlyRoutes }] },
          http_filters: [plainRouter],
        }),
      ],
    },
  ],
});

const staticCluster = (name: string, endpoint: object, discovery: object) => ({
  name,
  ...discovery,
  connect_timeout: '2s',
  load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
});

/** More clients at once are turned away at the door. The window has no such limit. */
const connectionLimit = {
  resource_monitors: [
    {
      name: 'envoy.resource_monitors.global_downstream_max_connections',
      typed_config: {
        '@type':
          'type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
        max_active_downstream_connections: mostConnections,
      },
    },
  ],
};

/** @param xds where the operator listens. The node's id and cluster are given on the command line. */
export function envoyBootstrap(xds: { readonly host: string; readonly port: number }, hasIpv6: boolean): object {
  const operator = { address: { socket_address: { address: xds.host, port_value: xds.port } } };
  return {
    // A reading is no older than this: Envoy adds up its histograms when it flushes.
    stats_flush_interval: '0.5s',
    admin: { address: localhost(gatewayPorts.admin).address },
    stats_config: {
      histogram_bucket_settings: [{ match: { prefix: 'cluster.' }, buckets: latencyBuckets }],
    },
    overload_manager: connectionLimit,
    dynamic_resources: { ads_config: stream, cds_config: fromStream, lds_config: fromStream },
    static_resources: {
      listeners: [statsListener(hasIpv6)],
      clusters: [
        staticCluster(xdsCluster, operator, {
          cluster_type: strictDns,
          typed_extension_protocol_options: streamProtocol,
          transport_socket: operatorTransport,
        }),
        staticCluster(adminCluster, localhost(gatewayPorts.admin), { type: 'STATIC' }),
      ],
    },
  };
}

/**
 * Envoy's command line. A pod is replaced, never restarted in place: without hot restart Envoy needs no shared memory. When a
 * listener is changed or removed, its connections are closed with their next answer: else one that asks rarely would be
 * answered by the rules of before for minutes.
 * @param place.config path of the bootstrap.
 */
export const envoyArguments = (place: {
  readonly config: string;
  readonly namespace: string;
  readonly podName: string;
}): string[] => [
  ...['--config-path', place.config],
  ...['--service-cluster', place.namespace],
  ...['--service-node', place.podName],
  ...['--concurrency', '2'],
  ...['--drain-time-s', String(listenerDrainSeconds)],
  ...['--drain-strategy', 'immediate'],
  ...['--log-level', 'warning'],
  '--disable-hot-restart',
];
