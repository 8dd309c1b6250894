// TLS as filter chains of a listener: nothing else changes with it.
import type { GatewayTls } from '@sluice/crds/v1alpha1/gateway/gateway-tls.ts';
import { sourceFile, tlsNames } from './sources.ts';

/** TLS that the pod speaks. @param sources directory of the files that tell Envoy of the certificate. */
export type KeptTls = { readonly tls: GatewayTls; readonly sources: string };

const followed = (name: string, directory: string) => ({
  name,
  sds_config: { resource_api_version: 'V3', path_config_source: { path: `${directory}/${sourceFile(name)}` } },
});

const transportSocket = ({ tls, sources }: KeptTls) => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    common_tls_context: {
      tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
      alpn_protocols: ['h2', 'http/1.1'],
      tls_certificate_sds_secret_configs: [followed(tlsNames.certificate, sources)],
      ...(tls.clientCertificates === 'Required' && {
        validation_context_sds_secret_config: followed(tlsNames.authorities, sources),
      }),
    },
    ...(tls.clientCertificates === 'Required' && { require_client_certificate: true }),
  },
});

/** The front of the same pod comes over the loopback, has ended TLS itself, and speaks plain HTTP. */
const fromFront = { direct_source_prefix_ranges: [{ address_prefix: '127.0.0.1', prefix_len: 32 }] };

/** Filter chains of a deployment's listener. */
export const ownChains = (filters: readonly object[], kept: KeptTls | undefined): object[] =>
  kept
    ? [
        { filter_chain_match: fromFront, filters },
        { transport_socket: transportSocket(kept), filters },
      ]
    : [{ filters }];

/** Filter chains of the front. */
export const frontChains = (filters: readonly object[], kept: KeptTls | undefined): object[] => [
  { ...(kept && { transport_socket: transportSocket(kept) }), filters },
];
