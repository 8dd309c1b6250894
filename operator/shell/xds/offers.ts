// What the table of a namespace offers, made once for all its gateway pods that have the same Secrets, and packed anew only where
// it changed.
import { createHash } from 'node:crypto';
import {
  type Offer,
  type Offered,
  resourceVersion,
  type XdsType,
  xdsTypes,
} from '../../core/gateway/delivery/offer.ts';
import type { EnvoyPlace } from '../../core/gateway/envoy/address.ts';
import { envoyResources } from '../../core/gateway/envoy/resources.ts';
import type { EnvoyResource } from '../../core/gateway/envoy/source.ts';
import type { RoutingTable } from '../../core/gateway/routes.ts';
import { revisionName } from '../../core/names.ts';
import { type Packed, pack } from './envoy-api.ts';

/** A resource in bytes, or why there is none. */
type Made = { readonly body: Packed; readonly hash: string } | { readonly unfit: string };

/** Of one namespace, and pods that have the same; resources by their text. */
type Kept = {
  readonly table: RoutingTable;
  readonly offer: Offer<Packed>;
  readonly made: ReadonlyMap<string, Made>;
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
    const made = new Map<string, Made>();
    const entries = entriesOf(table);
    const byType = xdsTypes.map((type) => {
      const offered = envoyResources(type, table, { ...this.#place, namespace, mounted }).map(
        (resource): Offered<Packed> => {
          const text = JSON.stringify(resource);
          const own = made.get(text) ?? before?.made.get(text) ?? make(resource);
          made.set(text, own);
          const { deployment, changedIn } = entries(type, resource.name);
          const named = { name: resource.name, deployment };
          if ('unfit' in own) return { ...named, version: resourceVersion(changedIn, ''), unfit: own.unfit };
          return { ...named, version: resourceVersion(changedIn, own.hash), body: own.body };
        },
      );
      return [type, new Map(offered.map((each) => [each.name, each]))] as const;
    });
    const resources = Object.fromEntries(byType) as Record<XdsType, Map<string, Offered<Packed>>>;
    const offer = { version: table.version, ...resources };
    this.#kept.set(namespace, ofNamespace.set(key, { table, offer, made }));
    return offer;
  }

  forget(namespace: string): void {
    this.#kept.delete(namespace);
  }
}

/** One that does not fit Envoy's schema keeps no other one back. */
function make(resource: EnvoyResource): Made {
  try {
    const body = pack(resource);
    return { body, hash: hashOf(body.value) };
  } catch (error) {
    return { unfit: String(error) };
  }
}

type Entry = { readonly deployment: string; readonly changedIn: number };

/** @returns of a resource, the entry that it was made from; what was made from several says nothing of an entry. */
function entriesOf({ routes }: RoutingTable): (type: XdsType, name: string) => Entry {
  const byDeployment = new Map(routes.map((route) => [route.deployment, route]));
  const byCluster = new Map(
    routes.flatMap((route) =>
      route.backends.map(({ revision }) => [revisionName(route.deployment, revision), route] as const),
    ),
  );
  return (type, name) =>
    (type === 'clusters' ? byCluster : byDeployment).get(name) ?? { deployment: name, changedIn: 0 };
}
