// Where Envoy listens, and how it finds what it leads to.

import type { Mounted } from '../access/rules.ts';

export type EnvoyPlace = {
  readonly namespace: string;
  readonly clusterDomain: string;
  /** Whether pods of the cluster have IPv6 addresses. */
  readonly hasIpv6: boolean;
  /** The Secrets that the pod has, and where, as it says itself. */
  readonly mounted?: Mounted | undefined;
};

/** Every address of the pod, of both families where there are both. Without IPv6 in the kernel `::` cannot be listened on. */
export const everyAddress = (port: number, hasIpv6: boolean) => ({
  socket_address: hasIpv6
    ? { address: '::', ipv4_compat: true, port_value: port }
    : { address: '0.0.0.0', port_value: port },
});

/** Pods come and go while nobody tells Envoy: it asks DNS itself, every second, and balances over every address. */
export const strictDns = {
  name: 'envoy.cluster.dns',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster',
    dns_refresh_rate: '1s',
    dns_lookup_family: 'ALL',
    respect_dns_ttl: false,
    all_addresses_in_single_endpoint: false,
  },
};
