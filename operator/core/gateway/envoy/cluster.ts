// A revision's pods as a cluster of Envoy.
import { ports } from '@sluice/crds/contract.ts';
import { revisionName } from '../../names.ts';
import type { Backend } from '../routes.ts';
import { type EnvoyPlace, strictDns } from './address.ts';
import { idleBackendSeconds } from './limits/time-limits.ts';
import { type EnvoyResource, typeUrls } from './source.ts';

const never = 1_000_000;

/** Limits so high that only the server's own queue says no. */
export const noCircuitBreaker = {
  thresholds: [{ max_connections: never, max_pending_requests: never, max_requests: never, max_retries: never }],
};

/** The backend's cluster; its name is the revision's. */
export function cluster(deployment: string, { revision }: Backend, place: EnvoyPlace): EnvoyResource {
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
        common_http_protocol_options: { idle_timeout: `${idleBackendSeconds}s`, max_requests_per_connection: 1000 },
        explicit_http_config: { http_protocol_options: {} },
      },
    },
  };
}
