// A line for each request, on the standard output of the gateway pod: who asked what of whom, and what became of it.
import { revisionAsked } from '../answered-by.ts';
import { fallbackMetadata } from '../fallback/script.ts';
import { callerMetadata } from './caller-script.ts';

/** No body, no query and no header is in it, and of a path no more than this. */
const longestPath = 256;

/** Of a deployment's listener. What is absent is left out. */
export const auditLog = (deployment: string) => ({
  name: 'envoy.access_loggers.stdout',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog',
    log_format: {
      omit_empty_values: true,
      json_format: {
        audit: 'request',
        time: '%START_TIME%',
        deployment,
        caller: `%DYNAMIC_METADATA(${callerMetadata.namespace}:${callerMetadata.key})%`,
        method: '%REQ(:METHOD)%',
        path: `%PATH(NQ):${longestPath}%`,
        status: '%RESPONSE_CODE%',
        requestBytes: '%BYTES_RECEIVED%',
        responseBytes: '%BYTES_SENT%',
        durationMs: '%DURATION%',
        revision: revisionAsked,
        server: '%UPSTREAM_HOST%',
        fallback: `%DYNAMIC_METADATA(${fallbackMetadata.namespace}:${fallbackMetadata.answeredBy})%`,
        because: '%RESPONSE_CODE_DETAILS%',
      },
    },
  },
});
