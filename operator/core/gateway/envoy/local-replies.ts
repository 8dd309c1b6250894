// What the gateway itself answers, in the words of the Open Inference Protocol: what was wrong, and what to do about it.
import { mostHeaders, mostHeadersKiB, requestBytesOfRoute } from './limits/request-limits.ts';

type Filter = { readonly [kind: string]: object };

const status = (value: number): Filter => ({
  status_code_filter: {
    comparison: { op: 'EQ', value: { default_value: value, runtime_key: `sluice.reply.${value}` } },
  },
});

const both = (...filters: readonly Filter[]): Filter => ({ and_filter: { filters } });

const upgrade: Filter = { header_filter: { header: { name: 'upgrade', present_match: true } } };

/** Envoy found no route, or looked for none: a deployment's leads everything somewhere but CONNECT, and what is no path. */
const noRoute: Filter = {
  or_filter: {
    filters: [
      { response_flag_filter: { flags: ['NR'] } },
      { header_filter: { header: { name: ':path', string_match: { prefix: '/' }, invert_match: true } } },
    ],
  },
};

/** Envoy found no cluster: the route leads to none while no revision serves. */
const nobodyServes: Filter = { response_flag_filter: { flags: ['NC'] } };

/** An answer of the gateway; only a client's fault has another status than Envoy gave it. */
type Reply = { readonly filter: Filter; readonly error: string; readonly asStatus?: number };

const replies: readonly Reply[] = [
  { filter: nobodyServes, error: 'no revision of this model serves yet' },
  { filter: status(400), error: 'this is no valid HTTP request; check its first line, headers and Content-Length' },
  { filter: both(status(403), upgrade), error: 'the connection cannot be upgraded; send plain HTTP requests' },
  { filter: both(status(404), noRoute), error: 'no such path; the API begins at /v2' },
  { filter: status(408), error: 'the request did not arrive in time; send it in one go' },
  {
    filter: status(413),
    error: `the body is larger than ${requestBytesOfRoute} bytes; send fewer rows per request`,
  },
  { filter: status(417), error: 'no expectation but 100-continue can be met; send no other Expect header' },
  {
    filter: status(431),
    error: `the headers are more than ${mostHeadersKiB} KiB or ${mostHeaders}; send fewer of them, and a shorter URL`,
  },
  { filter: status(501), asStatus: 400, error: 'Transfer-Encoding must be chunked, or absent; send Content-Length' },
];

const body = (error: string) => ({ json_format: { error } });

/** Everything else is said in Envoy's words. */
export const localReplies = {
  mappers: replies.map(({ filter, error, asStatus }) => ({
    filter,
    ...(asStatus === undefined ? {} : { status_code: asStatus }),
    body_format_override: body(error),
  })),
  body_format: body('%LOCAL_REPLY_BODY%'),
};
