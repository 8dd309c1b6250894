// Tokens of an issuer, checked by Envoy's own filter. It refuses nobody: what it found out is for the filter that decides.
import type { GatewayAccess } from '@sluice/crds/v1alpha1/gateway/gateway-access.ts';
import { keySetSource } from './key-set.ts';

type Jwt = NonNullable<GatewayAccess['jwt']>;

/** Where the claims of a good token are left, or why a token is none. No client can write there. */
export const tokenMetadata = {
  namespace: 'envoy.filters.http.jwt_authn',
  claims: 'claims',
  failure: 'failure',
} as const;

export const tokenFilter = ({ issuer, audiences }: Jwt) => ({
  name: 'envoy.filters.http.jwt_authn',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
    providers: {
      issuer: {
        issuer,
        audiences,
        remote_jwks: keySetSource,
        // Nowhere else: a token in a query would be in the logs of every proxy.
        from_headers: [{ name: 'authorization', value_prefix: 'Bearer ' }],
        require_expiration: true,
        payload_in_metadata: tokenMetadata.claims,
        failed_status_in_metadata: tokenMetadata.failure,
      },
    },
    rules: [
      {
        match: { prefix: '/' },
        requires: { requires_any: { requirements: [{ provider_name: 'issuer' }, { allow_missing_or_failed: {} }] } },
      },
    ],
  },
});
