// How often each caller may ask, as Envoy's local rate limit: a bucket of tokens for each caller in each gateway pod.
import type { GatewayAccess } from '@sluice/crds/v1alpha1/gateway/gateway-access.ts';
import { callerMetadata } from './caller-script.ts';

type RateLimit = NonNullable<GatewayAccess['rateLimit']>;

/** Callers whose buckets are kept; of the one that has asked least lately the bucket is full again. */
const mostCallers = 10_000;

const always = { default_value: { numerator: 100, denominator: 'HUNDRED' } };
const bucket = ({ requestsPerSecond, burst = requestsPerSecond }: RateLimit) => ({
  max_tokens: burst,
  tokens_per_fill: requestsPerSecond,
  fill_interval: '1s',
});

/** Envoy wants one for requests without a caller, which get no further than the health paths. */
const unlimited = { max_tokens: 4_294_967_295, tokens_per_fill: 4_294_967_295, fill_interval: '1s' };

const { namespace, key } = callerMetadata;

/** Behind the filter that says who asks. */
export const rateLimitFilter = (rateLimit: RateLimit) => ({
  name: 'envoy.filters.http.local_ratelimit',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
    stat_prefix: 'access',
    filter_enabled: always,
    filter_enforced: always,
    token_bucket: unlimited,
    max_dynamic_descriptors: mostCallers,
    rate_limits: [
      { actions: [{ metadata: { descriptor_key: key, metadata_key: { key: namespace, path: [{ key }] } } }] },
    ],
    descriptors: [{ entries: [{ key }], token_bucket: bucket(rateLimit) }],
    response_headers_to_add: [
      { header: { key: 'retry-after', value: '1' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
    ],
  },
});

/** What the answer to too many requests says. No other answer of the gateway's own is 429, and the filter marks it too late for its flag. */
export const rateLimitReply = ({ requestsPerSecond }: RateLimit) => ({
  filter: {
    status_code_filter: { comparison: { op: 'EQ', value: { default_value: 429, runtime_key: 'sluice.rate_limited' } } },
  },
  body_format_override: {
    json_format: {
      error: `too many requests: a caller may ask ${requestsPerSecond} times a second; ask again after Retry-After`,
    },
  },
});
