// Decides which ModelDeployments of a namespace the front leads to, and from where: of two that want one place, the older
// has it.
import type { Expose } from '@sluice/crds/v1alpha1/expose.ts';
import { parseTime } from '../conditions.ts';
import type { GatewayObserved } from './observed.ts';
import { type Front, type Place, type Placed, placeKey, wantedPlace } from './places.ts';
import type { RouteRequest } from './routes.ts';

/** What a ModelDeployment asks of the gateway, and by what it is found. */
export type Asking = RouteRequest & { readonly placed?: (Placed & { readonly createdAt: string }) | undefined };

type Opened = { readonly requests: readonly RouteRequest[]; readonly front: Front | undefined };

/** Older ones first; of the same second, by name. */
const byAge = (a: Asking, b: Asking) =>
  parseTime(a.placed?.createdAt ?? '') - parseTime(b.placed?.createdAt ?? '') || (a.deployment < b.deployment ? -1 : 1);

const bare = ({ placed: _, ...request }: Asking): RouteRequest => request;

/** What reads hosts and paths before the gateway is a proxy. */
const proxiesOf = ({ type }: Expose) => (type === 'Ingress' || type === 'HTTPRoute' ? 1 : 0);

/** The requests with their places. A ModelGateway that cannot be read leaves what was open as it was. */
export function opened({ wish, requests, table }: Pick<GatewayObserved, 'wish' | 'requests' | 'table'>): Opened {
  if (wish === 'Unreadable') {
    const before = new Map(table?.routes.map(({ deployment, place }) => [deployment, place]));
    const kept = requests.map((each) => ({ ...bare(each), place: before.get(each.deployment) }));
    return { requests: kept, front: table?.front };
  }
  const expose = wish?.spec.expose;
  if (expose === undefined) return { requests: requests.map(bare), front: undefined };
  const taken = new Set<string>();
  const places = new Map<string, Place>();
  for (const { deployment, placed } of requests.toSorted(byAge)) {
    const place = placed && wantedPlace(placed, expose);
    if (place === undefined || taken.has(placeKey(place))) continue;
    taken.add(placeKey(place));
    places.set(deployment, place);
  }
  const given = requests.map((each) => ({ ...bare(each), place: places.get(each.deployment) }));
  return { requests: given, front: { trustedProxies: expose.trustedProxies ?? proxiesOf(expose) } };
}
