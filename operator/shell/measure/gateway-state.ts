// The gateway question: which versions an Envoy has taken, which hosts it has found, and what it has counted of requests,
// read from its statistics.

import { noRefusals, type Refusals, refusalsIn } from '../../core/gateway/delivery/refusals.ts';
import { gatewayPorts } from '../../core/gateway/envoy/bootstrap.ts';
import { fallbackCounters, fallbackScope, fallbackTag } from '../../core/gateway/envoy/fallback/filter.ts';
import type { GatewayState } from '../../core/gateway/observed.ts';
import { byName } from '../../core/names.ts';
import { latencyBuckets } from '../../core/traffic/latency-buckets.ts';
import { Breather } from '../../kube/breather.ts';
import { answerCounters, predictionCounters } from './backend-counts.ts';
import { countIn, type Statistic, statisticsOf } from './envoy-stats.ts';
import { CounterLines, listenerCounters } from './gateway-counters.ts';
import type { PodQuestion } from './pod-poller.ts';

/** Only the statistics that are parsed here; the expression is Envoy's, over names. */
const filter = [
  '(version_text|control_plane\\.identifier|server\\.uptime)$',
  // The cluster by which a live revision is asked what another one failed on has an underscore: it is no evidence.
  `^cluster\\.[^._]+\\.(membership_healthy|upstream_rq_(${answerCounters.join('|')}|time)|canary\\.upstream_rq_(${predictionCounters.join('|')}|time))$`,
  `^http\\.[^.]+\\.(${Object.values(listenerCounters).join('|')})$`,
  `^${fallbackScope}\\.(${Object.values(fallbackCounters).join('|')})\\.${fallbackTag}\\.`,
].join('|');

/** Collects what an Envoy has taken and found; what is absent is 0. */
class StateLines {
  #clusters = 0;
  #listeners = 0;
  #refusals: Refusals = noRefusals;
  #isBroken = false;
  readonly #routes = new Map<string, number>();
  readonly #hosts = new Map<string, number>();
  readonly #counters = new CounterLines();

  take(statistic: Statistic): void {
    this.#counters.take(statistic);
    const { parts, value } = statistic;
    const what = parts.at(-1);
    if (what === 'version_text') this.#takeVersion(parts, value);
    if (what === 'membership_healthy' && parts[0] === 'cluster')
      this.#count(value, (hosts) => this.#hosts.set(parts.slice(1, -1).join('.'), hosts));
    if (parts[0] === 'control_plane' && what === 'identifier') this.#refusals = refusalsIn(textIn(value) ?? '');
  }

  /** @returns undefined when a number cannot be one: nothing of such an answer is believed. */
  state(): GatewayState | undefined {
    if (this.#isBroken || this.#counters.isBroken) return undefined;
    const counters = this.#counters.counters();
    return {
      clusters: this.#clusters,
      listeners: this.#listeners,
      routes: byName(this.#routes),
      hosts: byName(this.#hosts),
      refusals: this.#refusals,
      ...(counters && { counters }),
    };
  }

  #takeVersion(parts: readonly string[], value: string): void {
    const subject = subjectOf(parts);
    const text = textIn(value);
    if (!subject || text === undefined) return;
    this.#count(text, (version) => {
      if (subject.type === 'clusters') this.#clusters = version;
      else if (subject.type === 'listeners') this.#listeners = version;
      else this.#routes.set(subject.deployment, version);
    });
  }

  #count(value: string, take: (count: number) => void): void {
    const count = countIn(value);
    if (count === undefined) return;
    this.#isBroken ||= Number.isNaN(count);
    take(count);
  }
}

/** What is between the quotes of a text. */
const textIn = (value: string): string | undefined =>
  value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : undefined;

type Subject = { readonly type: 'clusters' | 'listeners' | 'routes'; readonly deployment: string };

/** What a statistic of a configuration is about: `http.<listener>.rds.<deployment>.…` is one deployment's routes. */
function subjectOf([scope, second, third, deployment, ...rest]: readonly string[]): Subject | undefined {
  if (scope === 'cluster_manager' && second === 'cds') return { type: 'clusters', deployment: '' };
  if (scope === 'listener_manager' && second === 'lds') return { type: 'listeners', deployment: '' };
  if (scope !== 'http' || third !== 'rds' || !deployment || rest.length !== 1) return undefined;
  return { type: 'routes', deployment };
}

/** Reads the lines of `/stats`; statistics that are absent read as 0. */
export function parseGatewayStats(text: string): GatewayState | undefined {
  const lines = new StateLines();
  for (const statistic of statisticsOf(text)) lines.take(statistic);
  return lines.state();
}

/** The same without holding up anybody: a gateway of a thousand ModelDeployments says some MiB. */
async function readGatewayStats(text: string): Promise<GatewayState | undefined> {
  const lines = new StateLines();
  const breather = new Breather();
  for (const statistic of statisticsOf(text)) {
    lines.take(statistic);
    if (breather.isDue()) await breather.breathe();
  }
  return lines.state();
}

/** ` B91000(<new>,<sum>)` with counts of ten digits. */
const maxBucketBytes = 32;

export const gatewayState: PodQuestion<GatewayState> = {
  port: gatewayPorts.stats,
  path: `/stats?histogram_buckets=cumulative&filter=${encodeURIComponent(filter)}`,
  // What Envoy says of itself, and of listeners and backends that it is about to forget.
  maxBytes: 1_048_576,
  maxBytesPerEntry: 1024 + 2 * latencyBuckets.length * maxBucketBytes,
  // The pods of 120 namespaces with a rollout, two each, every 0.9 seconds, in nine looks of ten.
  pace: { perSecond: 300, burst: 20 },
  parse: readGatewayStats,
};
