// What Envoy is told of one ModelDeployment, in one file: no operator and no way to one, no DNS, and any ports. Listener, route and cluster are
// those that a gateway pod gets; only where they are, and how they came, is another.
import { envoyBootstrap } from '@sluice/operator/core/gateway/envoy/bootstrap.ts';
import { envoyResources } from '@sluice/operator/core/gateway/envoy/resources.ts';
import { type EnvoyResource, xdsCluster } from '@sluice/operator/core/gateway/envoy/source.ts';
import type { RoutingTable } from '@sluice/operator/core/gateway/routes.ts';

const place = { namespace: 'ml', clusterDomain: 'cluster.local', hasIpv6: false };

export type StaticGateway = {
  readonly table: RoutingTable;
  /** Where the pods of each cluster listen, on 127.0.0.1. */
  readonly backendPorts: Readonly<Record<string, number>>;
  /** Which port stands for each that the configuration names. */
  readonly ports: ReadonlyMap<number, number>;
};

/** The bootstrap as the file's text. */
export function staticBootstrap({ table, backendPorts, ports }: StaticGateway): string {
  const { dynamic_resources: _polled, ...bootstrap } = envoyBootstrap({ host: '127.0.0.1', port: 1 }, false) as Parts;
  const routes = new Map(envoyResources('routes', table, place).map((route) => [route.name, route]));
  const listeners = envoyResources('listeners', table, place).map((each) => withRoutes(each, routes));
  const clusters = envoyResources('clusters', table, place).map((each) => withPort(each, backendPorts[each.name]));
  const { static_resources: own } = bootstrap;
  const all = {
    ...bootstrap,
    static_resources: {
      listeners: [...own.listeners, ...listeners],
      clusters: [...own.clusters.filter(({ name }) => name !== xdsCluster), ...clusters].map(withoutType),
    },
  };
  return JSON.stringify(all, (key, value) => (key === 'port_value' ? (ports.get(value) ?? value) : value));
}

type Named = { readonly name: string };
type Parts = {
  readonly dynamic_resources: unknown;
  readonly static_resources: { readonly listeners: readonly object[]; readonly clusters: readonly Named[] };
};

/** A listener that waits for no route: it has it. */
function withRoutes(listener: EnvoyResource, routes: ReadonlyMap<string, EnvoyResource>): object {
  const text = JSON.stringify(withoutType(listener), (_key, value) => {
    const { rds, ...rest } = typeof value === 'object' && value !== null ? value : {};
    if (rds === undefined) return value;
    return {
      ...rest,
      route_config: { ...withoutType(routes.get(rds.route_config_name) ?? {}), validate_clusters: false },
    };
  });
  return JSON.parse(text);
}

/** A cluster whose only pod is on this machine. */
function withPort({ cluster_type: _dns, load_assignment: _host, ...rest }: EnvoyResource, port = 1): object {
  const socket_address = { address: '127.0.0.1', port_value: port };
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: { socket_address } } }] }];
  return { ...rest, type: 'STATIC', load_assignment: { cluster_name: rest.name, endpoints } };
}

/** Resources that are written into a file have the type of their place. */
const withoutType = ({ '@type': _type, ...rest }: { readonly '@type'?: string }): object => rest;
