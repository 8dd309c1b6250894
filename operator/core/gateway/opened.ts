// Decides which ModelDeployments of a namespace the front leads to, and from where: of two that want one place, the older
// has it.
import type { Expose } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { parseTime } from '../conditions.ts';
import type { GatewayObserved } from './observed.ts';
import { type Front, type Place, type Placed, placeKey, wantedPlace } from './places.ts';
import type { RouteRequest, RoutingTable } from './routes.ts';

/** What a ModelDeployment asks of the gateway, and by what it is found. */
export type Asking = RouteRequest & { readonly placed?: (Placed & { readonly createdAt: string }) | undefined };

type Opened = { readonly requests: readonly RouteRequest[]; readonly front: Front | undefined };

/** Older ones first; of the same second, by name. */
const byAge = (a: Asking, b: Asking) =>
  parseTime(a.placed?.createdAt ?? '') - parseTime(b.placed?.createdAt ?? '') || (a.deployment < b.deployment ? -1 : 1);

const bare = ({ placed: _, ...request }: Asking): RouteRequest => request;

/** What reads hosts and paths before the gateway is a proxy. */
const proxiesOf = ({ type }: Expose) => (type === 'Ingress' || type === 'HTTPRoute' ? 1 : 0);

/** Each request with its place, or with who has it. */
function assigned(requests: readonly Asking[], expose: Expose): RouteRequest[] {
  const owners = new Map<string, string>();
  const wants = new Map<string, Place>();
  for (const { deployment, placed } of requests.toSorted(byAge)) {
    const place = placed && wantedPlace(placed, expose);
    if (place === undefined) continue;
    wants.set(deployment, place);
    if (!owners.has(placeKey(place))) owners.set(placeKey(place), deployment);
  }
  return requests.map((each) => {
    const place = wants.get(each.deployment);
    const owner = place && owners.get(placeKey(place));
    return { ...bare(each), ...(owner === each.deployment ? { place } : { takenBy: owner }) };
  });
}

/** As the table has them. */
function asBefore(requests: readonly Asking[], table: RoutingTable | undefined): RouteRequest[] {
  const before = new Map(table?.routes.map((route) => [route.deployment, route]));
  return requests.map((each) => {
    const { place, takenBy } = before.get(each.deployment) ?? {};
    return { ...bare(each), place, takenBy };
  });
}

/** The requests with their places. A ModelGateway that cannot be read leaves what was open as it was. */
export function opened({ wish, requests, table }: Pick<GatewayObserved, 'wish' | 'requests' | 'table'>): Opened {
  if (wish === 'Unreadable') return { requests: asBefore(requests, table), front: table?.front };
  const expose = wish?.spec.expose;
  if (expose === undefined) return { requests: requests.map(bare), front: undefined };
  const trustedProxies = expose.trustedProxies ?? proxiesOf(expose);
  return { requests: assigned(requests, expose), front: { trustedProxies } };
}
