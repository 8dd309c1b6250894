// Where Envoy asks for its resources, and of which types they are.

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
