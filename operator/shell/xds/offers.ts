// What the table of a namespace offers, made once for all its gateway pods that have the same Secrets. What an entry means is
// made once and kept until the entry changes: a change costs what it concerns, however many entries there are.
import { createHash } from 'node:crypto';
import { type Offer, type Offered, resourceVersion, type XdsType } from '../../core/gateway/delivery/offer.ts';
import type { EnvoyPlace } from '../../core/gateway/envoy/address.ts';
import { entryResources, sharedResources } from '../../core/gateway/envoy/resources.ts';
import type { EnvoyResource } from '../../core/gateway/envoy/source.ts';
import type { Route, RoutingTable } from '../../core/gateway/routes.ts';
import { type Packed, pack } from './envoy-api.ts';

/** Resources of one origin, ready to be sent. */
type Made = { readonly [Type in XdsType]: readonly Offered<Packed>[] };

/** Of one namespace, and pods that have the same. */
type Kept = {
  readonly table: RoutingTable;
  readonly offer: Offer<Packed>;
  /** What was made of each entry, by its text and that of the rules. */
  readonly entries: ReadonlyMap<string, Made>;
  /** What is there once, by its own text. */
  readonly shared: ReadonlyMap<string, Offered<Packed>>;
};

const hashLetters = 16;
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, hashLetters);

/** Which gateway pods are meant. */
export type PodPlace = Required<Pick<EnvoyPlace, 'namespace' | 'mounted'>>;

export class Offers {
  readonly #place: Omit<EnvoyPlace, 'namespace' | 'mounted'>;
  /** By namespace, and by what pods have. */
  readonly #kept = new Map<string, Map<string, Kept>>();

  constructor({ clusterDomain, hasIpv6 }: Omit<EnvoyPlace, 'namespace' | 'mounted'>) {
    this.#place = { clusterDomain, hasIpv6 };
  }

  of({ namespace, mounted }: PodPlace, table: RoutingTable): Offer<Packed> {
    const ofNamespace = this.#kept.get(namespace) ?? new Map<string, Kept>();
    const key = JSON.stringify(mounted);
    const before = ofNamespace.get(key);
    if (before?.table === table) return before.offer;
    const kept = keptOf(table, { ...this.#place, namespace, mounted }, before);
    this.#kept.set(namespace, ofNamespace.set(key, kept));
    return kept.offer;
  }

  forget(namespace: string): void {
    this.#kept.delete(namespace);
  }
}

function keptOf(table: RoutingTable, place: EnvoyPlace, before: Kept | undefined): Kept {
  const rules = JSON.stringify(table.rules);
  const entries = new Map<string, Made>();
  for (const route of table.routes) {
    const text = `${JSON.stringify(route)} ${rules}`;
    entries.set(text, before?.entries.get(text) ?? madeOf(route, table, place));
  }
  const shared = new Map<string, Offered<Packed>>();
  const once = byType(sharedResources(table, place), (resource) => {
    const text = JSON.stringify(resource);
    // What was made of several entries says nothing of one.
    const own = before?.shared.get(text) ?? offered(resource, { deployment: resource.name, changedIn: 0 });
    shared.set(text, own);
    return own;
  });
  const all = [...entries.values(), once];
  const named = (type: XdsType) => new Map(all.flatMap((made) => made[type].map((each) => [each.name, each] as const)));
  const [clusters, listeners, routes] = [named('clusters'), named('listeners'), named('routes')];
  return { table, offer: { version: table.version, clusters, listeners, routes }, entries, shared };
}

const madeOf = (route: Route, table: RoutingTable, place: EnvoyPlace): Made =>
  byType(entryResources(route, table, place), (resource) => offered(resource, route));

function byType(
  resources: { readonly [Type in XdsType]: readonly EnvoyResource[] },
  make: (resource: EnvoyResource) => Offered<Packed>,
): Made {
  const { clusters, listeners, routes } = resources;
  return { clusters: clusters.map(make), listeners: listeners.map(make), routes: routes.map(make) };
}

/** Ready to be sent. One that does not fit Envoy's schema keeps no other one back. */
function offered(
  resource: EnvoyResource,
  { deployment, changedIn }: Pick<Route, 'deployment' | 'changedIn'>,
): Offered<Packed> {
  const { name } = resource;
  try {
    const body = pack(resource);
    return { name, deployment, version: resourceVersion(changedIn, hashOf(body.value)), body };
  } catch (error) {
    return { name, deployment, version: resourceVersion(changedIn, ''), unfit: String(error) };
  }
}
