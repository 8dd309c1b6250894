// The figures by which rollouts are judged, each with its target: one list, from which table, JSON and page come.
import type { Figure } from '../control-plane/figures.ts';
import { quantile } from '../control-plane/quantile.ts';
import type { AtOnce } from './at-once.ts';
import type { AtRest } from './at-rest.ts';
import type { Push } from './push.ts';

/** Everything that was measured in one run. */
export type Measured = {
  readonly rollouts: number;
  /** Of each of the two steps of a rollout. */
  readonly stepSeconds: number;
  readonly push: Push;
  /** As many plain Deployments of one pod, with another image for all. */
  readonly plainSeconds: number;
  readonly atOnce: AtOnce;
  readonly fewAtRest: AtRest;
  readonly manyAtRest: AtRest;
};

const most = (value: number) => ({ at: 'most', value }) as const;

/** The figures under the keys that the JSON has. */
export function rolloutFigures({ rollouts, stepSeconds, push, atOnce, fewAtRest, manyAtRest }: Measured): Figure[] {
  return [
    {
      key: 'hundredCanariesSeconds',
      what: `${rollouts} rollouts at once, 2 steps, ${2 * stepSeconds} s of pauses: spec changed → all promoted`,
      value: atOnce.promotedSeconds,
      unit: 's',
      target: most(15),
    },
    {
      key: 'writesPerRollout',
      what: "the operator's writes for one of them until the old revision is gone: children, statuses, Events",
      value: atOnce.writes / rollouts,
      unit: '',
      target: most(10),
    },
    {
      key: 'rssAt1000DeploymentsMiB',
      what: `operator, most with ${manyAtRest.count} ModelDeployments at rest`,
      value: manyAtRest.rssMiB,
      unit: 'MiB',
      target: most(300),
    },
    {
      key: 'operatorCpuPercentAt200',
      what: `operator, share of a core with ${fewAtRest.count} ModelDeployments at rest`,
      value: fewAtRest.cpuPercent,
      unit: '%',
      target: most(2),
    },
    {
      key: 'pushToEnvoyP99Ms',
      what: `table written → new weight active in an Envoy with ${push.listeners} listeners, p99 of ${push.milliseconds.length}`,
      value: quantile(push.milliseconds, 0.99),
      unit: 'ms',
      target: most(50),
    },
  ];
}
