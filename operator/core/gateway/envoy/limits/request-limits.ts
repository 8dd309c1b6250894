// How large a request may be, and what a server hears of one that is not whole. What is refused by its headers alone never
// gets to a server, and a small request gets there when all of it has arrived: then no answer of a server can cross the rest
// of a body, and a slow or broken client takes no place of another's there. Large bodies are passed on as they come: held
// here, a few slow ones would take all the memory that a gateway has.
import { type Route, requestBytesOf } from '../../routes.ts';

const filterName = 'envoy.filters.http.buffer';
const typeUrl = (name: string) => `type.googleapis.com/envoy.extensions.filters.http.buffer.v3.${name}`;

/** Headers and first line of a request: less than the 16 KiB of the server, which counts separators, too. */
export const mostHeadersKiB = 14;
export const mostHeaders = 100;

/** What the front adds on the way to a deployment's listener. */
export const headersByFront = { count: 10, kib: 1 };

/** A body that says that it is no longer is passed on whole. */
const wholeBodyBytes = 65_536;

/** Clients of a gateway pod at once: with what each may have sent, they fit into the memory of a pod. */
export const mostConnections = 3000;

/** Only where a route says so. */
export const bufferFilter = {
  name: filterName,
  disabled: true,
  typed_config: { '@type': typeUrl('Buffer'), max_request_bytes: wholeBodyBytes },
};

/**
 * Who gets a request is decided when it is there, not when its first line was: a slow one would go to a revision that has
 * no requests any more. It sets nothing else.
 */
export const chooseAnewFilter = {
  name: 'envoy.filters.http.set_filter_state',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config',
    on_request_headers: [
      {
        object_key: 'sluice.arrived',
        factory_key: 'envoy.string',
        format_string: { text_format_source: { inline_string: 'yes' } },
      },
    ],
    clear_route_cache: true,
  },
};

/** As text: a number in Envoy's metadata is a floating-point one. */
const metadataKey = 'request_bytes';
const metadataScope = 'sluice';

/** The limit of the route that a request took, in a format string of Envoy. */
export const requestBytesOfRoute = `%METADATA(ROUTE:${metadataScope}:${metadataKey})%`;

type Backends = Pick<Route, 'backends'>;

/** What one of the backends takes must get there. */
const mostBytes = ({ backends }: Backends) => Math.max(...backends.map(requestBytesOf));

const anyPath = { prefix: '/' };

/** A header whose number is from `first` to `last`. */
const numberBetween = (name: string, first: number, last: number) => ({
  name,
  range_match: { start: first, end: last + 1 },
});

/** Routes for what is refused by its headers alone: no byte of the body is waited for. */
export const refusals = (backends: Backends, match: object = anyPath): object[] => [
  {
    match: {
      ...match,
      headers: [numberBetween('content-length', mostBytes(backends) + 1, Number.MAX_SAFE_INTEGER - 1)],
    },
    direct_response: { status: 413 },
    metadata: { filter_metadata: { [metadataScope]: { [metadataKey]: String(mostBytes(backends)) } } },
  },
  {
    // What `100-continue` asks for is done, and taken out of the headers, before a route is looked for.
    match: { ...match, headers: [{ name: 'expect', present_match: true }] },
    direct_response: { status: 417 },
  },
];

/** Where requests go: all of them, or those that match. */
export type Action = {
  readonly match?: { readonly headers?: readonly object[]; readonly [field: string]: unknown };
  readonly typed_per_filter_config?: object;
  readonly [field: string]: unknown;
};

/** Two routes: what is small arrives whole. */
function passedOn({ match = anyPath, typed_per_filter_config: filters = {}, ...action }: Action): object[] {
  const whole = { '@type': typeUrl('BufferPerRoute'), buffer: { max_request_bytes: wholeBodyBytes } };
  return [
    {
      match: { ...match, headers: [...(match.headers ?? []), numberBetween('content-length', 0, wholeBodyBytes)] },
      ...action,
      typed_per_filter_config: { ...filters, [filterName]: whole },
    },
    { match, ...action, ...(Object.keys(filters).length > 0 && { typed_per_filter_config: filters }) },
  ];
}

/** The routes of requests that backends take. @param actions the first one that matches has the request. */
export const limitedRoutes = (backends: Backends, actions: readonly Action[]): object[] => [
  ...refusals(backends),
  ...actions.flatMap(passedOn),
];
