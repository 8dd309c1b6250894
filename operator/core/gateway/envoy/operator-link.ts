// How Envoy and the operator know each other on the connection that brings the configuration: Envoy takes only a server
// with a certificate that it was told, and shows the token that the kubelet keeps fresh for its pod. Both come from files
// that change without a restart; only what Envoy is told by a file of its own (SDS) is read again when it changes.
import { hopAudience } from '../hop/claims.ts';

/** The name in the operator's certificate. It is looked up nowhere: gateways know the certificate itself. */
export const operatorName = 'xds.sluice.dev';

/** Where the bootstrap lies, with what it refers to. */
export const bootstrapDirectory = '/etc/envoy';
/** Where the kubelet puts the token. */
export const tokenDirectory = '/var/run/sluice';
const tokenFile = 'token';

/** Files beside the bootstrap. */
export const linkFiles = { certificates: 'operator-certificates.json', token: 'token.json' } as const;

/** The kubelet asks for a new one when four fifths of this have passed. */
const tokenSeconds = 3600;

/** The token, as a volume of the pod and its mount. The apiserver takes none that is for another audience. */
export const tokenVolume = {
  volume: {
    name: 'token',
    projected: {
      sources: [{ serviceAccountToken: { audience: hopAudience, expirationSeconds: tokenSeconds, path: tokenFile } }],
    },
  },
  mount: { name: 'token', mountPath: tokenDirectory, readOnly: true },
};

const fromFile = (name: string, file: string) => ({
  name,
  sds_config: {
    resource_api_version: 'V3',
    // The kubelet changes files by another link in their directory.
    path_config_source: { path: `${bootstrapDirectory}/${file}`, watched_directory: { path: bootstrapDirectory } },
  },
});

const secret = (content: object) =>
  JSON.stringify({
    resources: [{ '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret', ...content }],
  });

/** @param certificates PEM of every certificate that the operator may show. */
export const certificatesText = (certificates: string) =>
  secret({
    name: 'operator',
    validation_context: {
      trusted_ca: { inline_string: certificates },
      match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: operatorName } }],
    },
  });

/** Where the token is: with its own watch, since only its place stands in this file. */
export const tokenText = secret({
  name: 'token',
  generic_secret: {
    secret: { filename: `${tokenDirectory}/${tokenFile}`, watched_directory: { path: tokenDirectory } },
  },
});

/** Of the cluster that leads to the operator. */
export const operatorTransport = {
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    sni: operatorName,
    common_tls_context: { validation_context_sds_secret_config: fromFile('operator', linkFiles.certificates) },
  },
};

/** Filters of that cluster's requests. Without a token none is sent. */
export const tokenFilters = [
  {
    name: 'envoy.filters.http.credential_injector',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.credential_injector.v3.CredentialInjector',
      overwrite: true,
      credential: {
        name: 'envoy.http.injected_credentials.generic',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.http.injected_credentials.generic.v3.Generic',
          header_value_prefix: 'Bearer ',
          credential: fromFile('token', linkFiles.token),
        },
      },
    },
  },
  {
    name: 'envoy.filters.http.upstream_codec',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec',
    },
  },
];
