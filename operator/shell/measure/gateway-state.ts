// The gateway question: which versions an Envoy has taken, which hosts it has found, and what it has counted of requests,
// read from its statistics.
import { gatewayPorts, latencyBuckets } from '../../core/gateway/bootstrap.ts';
import { type GatewayState, gatewayStateSchema } from '../../core/gateway/observed.ts';
import { countersByName, parseGatewayCounters } from './gateway-counters.ts';
import type { PodQuestion } from './pod-poller.ts';

/** Only the statistics that are parsed here; the expression is Envoy's, over names. */
const filter = [
  '(version_text|membership_healthy|update_rejected|server\\.uptime)$',
  `^cluster\\.[^.]+\\.upstream_rq_(${[...countersByName.keys()].join('|')}|time)$`,
  '^http\\.[^.]+\\.(rq_total|no_cluster|no_route|rq_direct_response)$',
].join('|');

const patterns = {
  text: /^(.+)\.version_text: "(\d+)"$/,
  route: /^http\..+\.rds\.(.+)$/,
  hosts: /^cluster\.(.+)\.membership_healthy: (\d+)$/,
  rejected: /^(?:cluster_manager\.cds|listener_manager\.lds|http\..+\.rds\..+)\.update_rejected: (\d+)$/,
};

/** Parses the lines of `/stats`; statistics that are absent read as 0. */
export function parseGatewayStats(text: string): GatewayState | undefined {
  const state = {
    clusters: 0,
    listeners: 0,
    routes: {} as Record<string, number>,
    hosts: {} as Record<string, number>,
    rejected: 0,
  };
  for (const line of text.split('\n')) {
    const [, name = '', version = ''] = patterns.text.exec(line) ?? [];
    const [, deployment] = patterns.route.exec(name) ?? [];
    if (name === 'cluster_manager.cds') state.clusters = Number(version);
    else if (name === 'listener_manager.lds') state.listeners = Number(version);
    else if (deployment !== undefined) state.routes[deployment] = Number(version);
    const [, cluster, hosts] = patterns.hosts.exec(line) ?? [];
    if (cluster !== undefined) state.hosts[cluster] = Number(hosts);
    state.rejected += Number(patterns.rejected.exec(line)?.[1] ?? 0);
  }
  const counters = parseGatewayCounters(text);
  const parsed = gatewayStateSchema.safeParse(counters ? { ...state, counters } : state);
  return parsed.success ? parsed.data : undefined;
}

/** ` B91000(<new>,<sum>)` with counts of ten digits. */
const maxBucketBytes = 32;

export const gatewayState: PodQuestion<GatewayState> = {
  port: gatewayPorts.stats,
  path: `/stats?histogram_buckets=cumulative&filter=${encodeURIComponent(filter)}`,
  // What Envoy says of itself, and of listeners and backends that it is about to forget.
  maxBytes: 1_048_576,
  maxBytesPerEntry: 1024 + latencyBuckets.length * maxBucketBytes,
  // The pods of 120 namespaces with a rollout, two each, every 0.9 seconds, in nine looks of ten.
  pace: { perSecond: 300, burst: 20 },
  parse: parseGatewayStats,
};
