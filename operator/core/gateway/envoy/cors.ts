// Lets pages in browsers ask: answers their preflights, and puts the headers on every answer, errors included. A preflight
// reaches no model and is no evidence.
import type { Cors } from '@sluice/crds/v1alpha1/cors.ts';

const name = 'envoy.filters.http.cors';
const types = 'type.googleapis.com/envoy.extensions.filters.http.cors.v3';

/** The first of a listener's filters, so that what those after it refuse can be read by a page. Idle without a policy. */
export const corsFilter = { name, typed_config: { '@type': `${types}.Cors` } };

/** Everything: the browser's cookies and credentials are never sent along, so there is nothing to be careful with. */
const everyHeader = '*';

const header = (key: string, value: string) => ({ header: { key, value }, append_action: 'APPEND_IF_EXISTS_OR_ADD' });

/** Of a virtual host; nothing where no page from another origin may ask. */
export function corsOf(cors: Cors | undefined): object {
  if (cors === undefined) return {};
  const policy = {
    '@type': `${types}.CorsPolicy`,
    allow_origin_string_match: cors.origins.map((exact) => ({ exact })),
    allow_methods: 'GET, HEAD, POST',
    // The one header that * does not stand for.
    allow_headers: `authorization, ${everyHeader}`,
    expose_headers: everyHeader,
    // How long a browser may remember a preflight, in seconds.
    max_age: '600',
    // A page on the internet may ask a model in a private network only if its origin is named.
    ...(cors.origins.includes('*') ? {} : { allow_private_network_access: true }),
    forward_not_matching_preflights: false,
  };
  // What a browser or a proxy keeps is for one origin only.
  return { typed_per_filter_config: { [name]: policy }, response_headers_to_add: [header('vary', 'origin')] };
}

/** A route that answers by itself. */
type Answering = { readonly match: { readonly headers?: readonly object[] }; readonly direct_response: object };
const isAnswering = (route: object): route is Answering => 'direct_response' in route && 'match' in route;

/** The routes, and before each that answers by itself one for pages: the filter leaves such answers as they are. */
export function readableByPages(cors: Cors | undefined, routes: readonly object[]): object[] {
  if (cors === undefined) return [...routes];
  const isAllowed = { name: 'origin', string_match: { safe_regex: { regex: cors.origins.map(pattern).join('|') } } };
  const added = [header('access-control-allow-origin', '%REQ(origin)%'), header('access-control-expose-headers', '*')];
  return routes.flatMap((route) => {
    if (!isAnswering(route)) return [route];
    const { match, ...answer } = route;
    const headers = [...(match.headers ?? []), isAllowed];
    return [{ match: { ...match, headers }, ...answer, response_headers_to_add: added }, route];
  });
}

/** A regular expression for one origin. */
const pattern = (origin: string) => (origin === '*' ? '.+' : origin.replace(/[.+[\]]/g, '\\$&'));
