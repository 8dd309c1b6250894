// What a routing table means to Envoy: clusters, listeners and route configurations as the v3 API has them in JSON.
import type { XdsType } from '../delivery/offer.ts';
import type { RoutingTable } from '../routes.ts';
import { accessAt, keySetOf, tlsAt } from './access/at-pod.ts';
import { keySetCluster, keySetListener } from './access/key-set.ts';
import type { EnvoyPlace } from './address.ts';
import { cluster } from './cluster.ts';
import { frontCluster, frontListener, frontRoutes } from './front.ts';
import { listener } from './listener.ts';
import { routeConfiguration } from './route.ts';
import type { EnvoyResource } from './source.ts';

/** The resources of one type, in the table's order; those of the front come last. */
export function envoyResources(type: XdsType, table: RoutingTable, place: EnvoyPlace): EnvoyResource[] {
  const { routes, front, rules } = table;
  const { hasIpv6 } = place;
  const access = accessAt(rules, place.mounted ?? {});
  const tls = tlsAt(rules, place.mounted ?? {});
  const keySet = keySetOf(access);
  if (type === 'listeners') {
    const own = routes.map((route) => listener(route, { hasIpv6, access, tls }));
    return [
      ...(keySet ? [keySetListener(keySet)] : []),
      ...own,
      ...(front ? [frontListener(front, { hasIpv6, tls })] : []),
    ];
  }
  if (type === 'routes') {
    const own = routes.map((route) => routeConfiguration(route, access));
    return [...own, ...(front ? [frontRoutes(table)] : [])];
  }
  const own = routes.flatMap(({ deployment, backends }) =>
    backends.map((backend) => cluster(deployment, backend, place)),
  );
  return [...own, ...(front ? [frontCluster] : []), ...(keySet ? [keySetCluster] : [])];
}
