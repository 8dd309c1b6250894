// Where Envoy asks for its resources, and of which types they are.
import type { XdsType } from '../delivery/offer.ts';
import { tokenFilters } from './operator-link.ts';

/** Envoy's static cluster that leads to the operator. */
export const xdsCluster = 'sluice-xds';

/** The types of what Envoy is told, as its API names them. */
export const typeUrls = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  listeners: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
} as const satisfies Record<XdsType, string>;

export type EnvoyResource = { readonly '@type': string; readonly name: string; readonly [field: string]: unknown };

/** From the one stream: used in the bootstrap for clusters and listeners, and in listeners for their routes. */
export const fromStream = {
  resource_api_version: 'V3',
  // A gateway that starts while no operator answers waits, not ready, instead of serving without routes.
  initial_fetch_timeout: '0s',
  ads: {},
};

/** The one stream of a gateway pod, on which only what changed is sent. One that broke is opened again soon. */
export const stream = {
  api_type: 'DELTA_GRPC',
  transport_api_version: 'V3',
  set_node_on_first_message_only: true,
  grpc_services: [
    {
      envoy_grpc: {
        cluster_name: xdsCluster,
        retry_policy: { retry_back_off: { base_interval: '0.1s', max_interval: '0.5s' } },
      },
    },
  ],
};

/** gRPC is spoken over HTTP/2. An operator that is gone without a word is noticed within seconds. */
export const streamProtocol = {
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
    '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    http_filters: tokenFilters,
    explicit_http_config: {
      http2_protocol_options: { connection_keepalive: { interval: '3s', timeout: '3s' } },
    },
  },
};
