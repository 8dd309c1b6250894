// Shows what was measured of rollouts: a table for people, JSON for machines, and the part of the documentation's page.
import { alignTable } from '../../align-table.ts';
import { quantile } from '../control-plane/quantile.ts';
import { figureTable, rounded } from '../control-plane/report.ts';
import { type Measured, rolloutFigures } from './figures.ts';

/** A run with what it was made on. */
export type RolloutReport = {
  /** Processor and memory. */
  readonly machine: string;
  readonly cores: number;
  readonly seconds: number;
  /** Mean number of processes that wanted a core in the minute before the run. */
  readonly loadBefore: number;
  readonly measured: Measured;
};

/** The figures under the keys by which they are asked for, then everything else. */
export function rolloutJson({ measured, ...where }: RolloutReport): object {
  const figures = rolloutFigures(measured).map(({ key, value }) => [key, rounded(value)] as const);
  return { ...Object.fromEntries(figures), ...where, measured };
}

/** Markdown that reads well in a terminal too. */
export function rolloutTable({ machine, seconds, loadBefore, measured }: RolloutReport): string {
  return [
    figureTable(rolloutFigures(measured)),
    '',
    writes(measured),
    '',
    phases(measured),
    '',
    beside(measured),
    '',
    `Made in ${seconds} s on ${machine}; load before it: ${rounded(loadBefore)}.`,
  ].join('\n');
}

/** Who wrote what. */
function writes({ rollouts, atOnce }: Measured): string {
  return alignTable([
    ['Requests of the operator', 'a rollout'],
    ...atOnce.requests
      .filter(([, times]) => times >= rollouts / 20)
      .map(([what, times]) => [what, String(rounded(times / rollouts))]),
  ]);
}

/** Where the time of a crowd goes. */
function phases({ rollouts, atOnce }: Measured): string {
  return alignTable([
    [`Of ${rollouts} rollouts at once, a status says`, 'of half of them after', 'of all after'],
    ...atOnce.phases.map(({ phase, halfSeconds, allSeconds }) => [
      phase,
      `${rounded(halfSeconds)} s`,
      `${rounded(allSeconds)} s`,
    ]),
  ]);
}

/** What the figures are to be seen beside. */
function beside({ rollouts, plainSeconds, atOnce, push, fewAtRest, manyAtRest }: Measured): string {
  const rows: string[][] = [
    [`${rollouts} plain Deployments of one pod, all with another image`, `${rounded(plainSeconds)} s`],
    ['rollouts until the old revision is gone everywhere', `${rounded(atOnce.restSeconds)} s`],
    ['writes for a rollout without Events', String(rounded((atOnce.writes - atOnce.eventWrites) / rollouts))],
    ['push, p50', `${rounded(quantile(push.milliseconds, 0.5))} ms`],
    [
      'of a push, until the apiserver has answered the write, p50',
      `${rounded(quantile(push.writeMilliseconds, 0.5))} ms`,
    ],
    ...[fewAtRest, manyAtRest].map(({ count, cpuPercent, rssMiB, writes: written }) => [
      `${count} at rest`,
      `${rounded(cpuPercent)} % of a core, ${rounded(rssMiB)} MiB, ${written} writes`,
    ]),
  ];
  return alignTable([['Beside them', 'measured'], ...rows]);
}

/** The part of the page on rollouts. */
export function rolloutPart(report: RolloutReport): string {
  const { rollouts, push, fewAtRest, manyAtRest } = report.measured;
  return `## Rollouts

\`npm run bench -- rollout\` starts the same processes. ${rollouts} ModelDeployments of one pod each, in one namespace, are given
another version at the same moment and roll it out in two steps. Then ${fewAtRest.count}, and then ${manyAtRest.count} ModelDeployments, the rest of
them of two pods each, are left alone. Nobody asks the models anything.

${rolloutTable(report)}

- **Gateway pods are played** by the benchmark itself, except in the last figure: pods of kwok have no process. They ask the
  operator as Envoy does, take what it says at once, and answer the operator's questions. All pods have addresses that an
  EndpointSlice may have: the controllers of Kubernetes do their part for Services, and are refused nothing.
- **The push** is to a real Envoy of ${push.listeners} listeners, which is the gateway's image as a plain process. The clock runs from the
  moment at which the write of the routing table begins, through the apiserver and the operator's watch, until a request at the
  listener is answered by the revision that has the weight now.
- **Writes** are all requests of the operator that changed something, by the apiserver's audit log. While requests are counted,
  a status is written every few seconds besides.
- **At rest** means that every ModelDeployment is served, and that the operator has written nothing for 15 seconds. Memory is
  that of the process that brought all of them there.
`;
}
