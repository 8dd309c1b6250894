// What makes a listener speak HTTP, and the last of its filters.

const routerWith = (settings: object) => ({
  name: 'envoy.filters.http.router',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router', ...settings },
});

/** Of what clients ask: an answer is as the server gave it. */
export const router = routerWith({ suppress_envoy_headers: true });

/** Of what only the pod itself and the operator ask. */
export const plainRouter = routerWith({});

type ConnectionManager = {
  readonly stat_prefix: string;
  readonly http_filters: readonly object[];
  readonly [field: string]: unknown;
};

/** The filter of a listener that speaks HTTP. @param fields those of Envoy's connection manager. */
export const connectionManager = (fields: ConnectionManager) => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    ...fields,
  },
});
