// The page of all metrics, made from the tables that the metrics themselves are made from.
import { gatewayPorts } from '../core/gateway/envoy/bootstrap.ts';
import { fallbackCounters, fallbackScope, fallbackTag } from '../core/gateway/envoy/fallback/filter.ts';
import { METRICS, type MetricDefinition } from '../kube/instruments.ts';
import { fallbackMetric } from './fallback-metrics.ts';
import { PROCESS_METRICS, prefix } from './metrics.ts';
import { rolloutMetrics } from './rollout-metrics.ts';

type Row = Pick<MetricDefinition, 'type' | 'help' | 'labels'> & { readonly name: string };

const rowsOf = (table: Readonly<Record<string, MetricDefinition>>): Row[] =>
  Object.entries(table).map(([name, definition]) => ({ name: prefix + name, ...definition }));

const table = (rows: readonly Row[]) =>
  [
    '| metric | type | labels | meaning |',
    '|---|---|---|---|',
    ...rows.map(({ name, type, help, labels }) => {
      const named = labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${named} | ${help} |`;
    }),
  ].join('\n');

/** The Markdown of `docs/reference/metrics.md`. */
export function metricsReference(): string {
  const rollouts = rolloutMetrics.map(({ labelNames: labels, ...rest }): Row => ({ ...rest, labels, type: 'gauge' }));
  return `<!-- Generated from the operator's tables of metrics by UPDATE_GOLDENS=1 npm test -- unit metrics-reference: do not edit. -->
# Metrics of the operator

Every replica answers \`/metrics\` on port 8081 (Service \`sluice-operator-metrics\`) in the Prometheus text format. Only the replica
that leads reconciles; caches and requests are those of each. Times are in seconds.

## Reconciles, caches, requests, leadership

Names and meaning are those of Go's controller-runtime and client-go, behind the prefix \`${prefix}\`.

${table(rowsOf(METRICS))}

## Rollouts and gates

Read from the ModelDeployments at each scrape; what is deleted is not shown any more.

${table(rollouts)}

## Fallback

Read from what the gateway pods of the moment have counted: it falls when one of them is replaced.

${table([{ ...fallbackMetric, labels: fallbackMetric.labelNames, type: 'gauge' }])}

Each gateway pod itself answers \`/stats/prometheus\` on port ${gatewayPorts.stats}, where Envoy's own counters say the same:
\`envoy_${fallbackScope}_${fallbackCounters.liveVersion}\` and \`envoy_${fallbackScope}_${fallbackCounters.staticAnswer}\`, with the label \`${fallbackTag}\`.

## The process

${table(rowsOf(PROCESS_METRICS))}

Node.js adds its own: \`${prefix}process_cpu_seconds_total\`, \`${prefix}process_resident_memory_bytes\`,
\`${prefix}nodejs_heap_size_used_bytes\`, \`${prefix}nodejs_gc_duration_seconds\`, and how long the event loop was held up since the last
scrape: \`${prefix}nodejs_eventloop_lag_p50_seconds\`, \`_p90_\`, \`_p99_\`, \`_mean_\`, \`_max_\`.

## What to watch

| when | what it means | what to do |
|---|---|---|
| \`sum(sluice_leader_election_master_status) == 0\` for 2 minutes | nobody leads: nothing is reconciled, gateways keep their routes | \`kubectl get lease\` and the log of the operator in its namespace; \`/readyz\` says why a replica cannot lead |
| \`sluice_informer_last_event_age_seconds > 120\` | a cache hears nothing: watches are cut and opened again after 90 seconds of silence, so this one cannot be | the apiserver, the network between, the operator's rights |
| \`rate(sluice_reconcile_panics_total[10m]) > 0\` | a bug: what was thrown came from no apiserver | the log has the key and the error; please report it |
| \`rate(sluice_reconcile_errors_total[10m]) > 0.1\` | writes are refused or time out; they are tried again | the log names object and refusal |
| \`sluice_workqueue_depth > 1000\` for 10 minutes | reconciles come slower than changes | \`sluice_rest_client_request_duration_seconds\`: a slow apiserver; \`sluice_nodejs_eventloop_lag_p99_seconds\`: a busy operator |
| \`sluice_nodejs_eventloop_lag_max_seconds > 1\` | the operator was held up: too little CPU, or a bug | its CPU throttling; its log |
| \`rate(sluice_relist_total{cause!="expired"}[10m]) > 0\` | a watch broke in a way that cost a whole list | the cause is the label |
| \`sluice_fallback_answers\` grows | clients are given answers of the live version, or static ones, for a revision that fails or is too slow | gates and guardrail judge a candidate by its own failures; where there is none, the log of the server pods |
| \`rate(sluice_gateway_streams_refused_total[10m]) > 0\` | somebody opens the operator's port who is no gateway of ours, or a gateway's token is not taken: then it keeps its routes and hears of no new ones | the log names address and reason once |
| \`rate(sluice_log_lines_dropped_total[10m]) > 0\` | the log does not have everything | what is logged most |
`;
}
