// What a routing table means to Envoy: clusters, listeners and route configurations as the v3 API has them in JSON.
import type { XdsType } from '../delivery/offer.ts';
import type { Route, RoutingTable } from '../routes.ts';
import { accessAt, keySetOf, tlsAt } from './access/at-pod.ts';
import { keySetCluster, keySetListener } from './access/key-set.ts';
import type { EnvoyPlace } from './address.ts';
import { cluster } from './cluster.ts';
import { liveClusters } from './fallback/live-cluster.ts';
import { frontCluster, frontListener, frontRoutes } from './front.ts';
import { listener } from './listener.ts';
import { routeConfiguration } from './route.ts';
import type { EnvoyResource } from './source.ts';

type Resources = { readonly [Type in XdsType]: readonly EnvoyResource[] };

/** The rules of the table, as a pod can keep them. */
const atPod = ({ rules }: Pick<RoutingTable, 'rules'>, { hasIpv6, mounted = {} }: EnvoyPlace) => ({
  hasIpv6,
  access: accessAt(rules, mounted),
  tls: tlsAt(rules, mounted),
});

/** What one entry means. Besides the rules nothing else of the table has a say in that. */
export function entryResources(route: Route, table: Pick<RoutingTable, 'rules'>, place: EnvoyPlace): Resources {
  const at = atPod(table, place);
  return {
    clusters: [
      ...route.backends.map((backend) => cluster(route.deployment, backend, place)),
      ...liveClusters(route, place),
    ],
    listeners: [listener(route, at)],
    routes: [routeConfiguration(route, at.access)],
  };
}

/** What is there once for all entries. */
export function sharedResources(table: RoutingTable, place: EnvoyPlace): Resources {
  const { front } = table;
  const { hasIpv6, access, tls } = atPod(table, place);
  const keySet = keySetOf(access);
  return {
    clusters: [...(keySet ? [keySetCluster] : []), ...(front ? [frontCluster] : [])],
    listeners: [
      ...(keySet ? [keySetListener(keySet)] : []),
      ...(front ? [frontListener(front, { hasIpv6, tls })] : []),
    ],
    routes: front ? [frontRoutes(table)] : [],
  };
}

/** The resources of one type, in the table's order; those of the front come last. */
export const envoyResources = (type: XdsType, table: RoutingTable, place: EnvoyPlace): EnvoyResource[] => [
  ...table.routes.flatMap((route) => entryResources(route, table, place)[type]),
  ...sharedResources(table, place)[type],
];
