// How often clients were given another answer than that of the revision which had the request, from the newest readings of
// the gateway pods.
import { Gauge, type Registry } from 'prom-client';
import type { FallbackCounts, GatewayState } from '../core/gateway/observed.ts';
import type { KubeObject } from '../kube/objects.ts';

export const fallbackMetric = {
  name: 'sluice_fallback_answers',
  help: 'Infer requests that fell back since the gateway pods of the moment began, by what clients were given: LiveVersion or StaticAnswer. Only of the replica that leads.',
  labelNames: ['namespace', 'name', 'answer'],
};

/** What is known of the gateways. */
export type FallbackSource = {
  deployments(): readonly KubeObject[];
  /** The newest state of each gateway pod of a namespace. */
  statesOf(namespace: string): readonly GatewayState[];
};

const answers = [
  ['LiveVersion', 'liveVersion'],
  ['StaticAnswer', 'staticAnswer'],
] as const satisfies readonly (readonly [string, keyof FallbackCounts])[];

type Sample = { readonly labels: Record<string, string>; readonly value: number };

/** Nothing of a deployment that no gateway pod counts them of. */
function samplesOf({ metadata }: KubeObject, states: readonly GatewayState[]): Sample[] {
  const { namespace = '', name } = metadata;
  const counts = states.flatMap(({ counters }) => counters?.fallback?.[name] ?? []);
  if (counts.length === 0) return [];
  return answers.map(([answer, counter]) => ({
    labels: { namespace, name, answer },
    value: counts.reduce((sum, each) => sum + each[counter], 0),
  }));
}

/** Adds the metric to the registry; the source is asked at each scrape, so that what is gone is not shown. */
export function registerFallbackMetric(registry: Registry, { deployments, statesOf }: FallbackSource): void {
  new Gauge({
    ...fallbackMetric,
    registers: [registry],
    collect() {
      this.reset();
      const byNamespace = Map.groupBy(deployments(), ({ metadata }) => metadata.namespace ?? '');
      for (const [namespace, all] of byNamespace) {
        const states = statesOf(namespace);
        for (const { labels, value } of all.flatMap((each) => samplesOf(each, states))) this.set(labels, value);
      }
    },
  });
}
