// What a routing table means to Envoy: clusters, listeners and route configurations as the v3 API has them in JSON.
import type { RoutingTable } from '../routes.ts';
import type { EnvoyPlace } from './address.ts';
import { cluster } from './cluster.ts';
import { listener } from './listener.ts';
import { routeConfiguration } from './route.ts';
import type { EnvoyResource, XdsType } from './source.ts';

/** The resources of one type, in the table's order. */
export function envoyResources(type: XdsType, { routes }: RoutingTable, place: EnvoyPlace): EnvoyResource[] {
  if (type === 'listeners') return routes.map((route) => listener(route, place.hasIpv6));
  if (type === 'routes') return routes.map(routeConfiguration);
  return routes.flatMap(({ deployment, backends }) => backends.map((backend) => cluster(deployment, backend, place)));
}
