// The port of a deployment as a listener of Envoy.
import type { Route } from '../routes.ts';
import { everyAddress } from './address.ts';
import { type EnvoyResource, pollSource, typeUrls } from './source.ts';

/** What the gateway itself has to say is said as the Open Inference Protocol says errors. */
export const localReplies = { body_format: { json_format: { error: '%LOCAL_REPLY_BODY%' } } };

export const router = {
  name: 'envoy.filters.http.router',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
    suppress_envoy_headers: true,
  },
};

/** The deployment's listener; its routes come by themselves. */
export function listener({ deployment, port }: Route, hasIpv6: boolean): EnvoyResource {
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
