// Shows what was measured: a table for people, JSON for machines, and the page of the documentation.
import { alignTable } from '../../align-table.ts';
import { type Figure, figuresOf, isReached, type Measured, sharesOf } from './figures.ts';
import type { CrowdFigures } from './scenes.ts';

/** A run with what it was made on. */
export type Report = {
  /** Processor and memory. */
  readonly machine: string;
  readonly cores: number;
  readonly seconds: number;
  readonly measured: Measured;
};

/** To three digits. */
export const rounded = (value: number) => Number(value.toPrecision(3));

/** The figures under the keys by which they are asked for, then everything else. */
export function jsonReport({ machine, cores, seconds, measured }: Report): object {
  const figures = figuresOf(measured).map(({ key, value }) => [key, rounded(value)] as const);
  return { ...Object.fromEntries(figures), machine, cores, seconds, ...measured };
}

/** Markdown that reads well in a terminal too. */
export function table({ machine, cores, seconds, measured }: Report): string {
  return [
    figureTable(figuresOf(measured)),
    '',
    crowds(measured),
    '',
    shares(measured, cores),
    '',
    `Made in ${seconds} s on ${machine}.`,
  ].join('\n');
}

/** Each figure beside its target. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.key,
    figure.what,
    `${rounded(figure.value)} ${figure.unit}`.trim(),
    targetOf(figure),
    isReached(figure) ? 'yes' : 'NO',
  ]);
  return alignTable([['Figure', 'What', 'Measured', 'To reach', 'Reached'], ...rows]);
}

/** In words. */
const targetOf = ({ target, unit }: Figure) =>
  `${target.at === 'most' ? 'at most' : 'below'} ${target.value} ${unit}`.trim();

/** The crowds behind the ratios, and who wrote what. */
function crowds({ jobs, plain, training, start }: Measured): string {
  const row = (name: string, each: CrowdFigures) => [
    name,
    `${rounded(each.finishedSeconds)} s`,
    `${rounded(each.podP50Seconds)} s`,
    `${rounded(each.podP99Seconds)} s`,
    `${rounded(each.controlPlaneWrites / jobs)}`,
  ];
  const times = alignTable([
    [`${jobs} at once`, 'all finished', 'create → pod p50', 'p99', 'control plane writes a job'],
    ...plain.map((each, index) => row(`plain Jobs, ${index === 0 ? 'before' : 'after'}`, each)),
    row('TrainingJobs', training),
  ]);
  const requests = alignTable([
    ['Requests for the TrainingJobs', 'a job'],
    ...training.requests
      .filter(([, count]) => count >= jobs / 50)
      .map(([what, count]) => [what, String(rounded(count / jobs))]),
  ]);
  return `${times}\n\n${requests}\n\nReady (caches filled) ${rounded(start.readySeconds)} s after the start.`;
}

/** What the crowd waits for: processor time, and whose it is. */
function shares(measured: Measured, cores: number): string {
  const { plainMs, requestsMs, operatorMs, ratio } = sharesOf(measured, cores);
  const rows = measured.costs.map(({ what, milliseconds, perJob }) => [
    what,
    `${rounded(milliseconds)} ms`,
    String(perJob),
  ]);
  const costs = alignTable([
    ['A request, with nothing else going on', 'costs the apiserver', 'for a TrainingJob'],
    ...rows,
  ]);
  return `${costs}

A plain Job takes ${rounded(plainMs)} ms of processor time of all programs together, with ${cores} cores busy from the first request to
the last job's end. A TrainingJob takes ${rounded(requestsMs)} ms of the apiserver more, for the requests above, and ${rounded(operatorMs)} ms of the operator.
With these alone it would take ${rounded(ratio)} times as long.`;
}

/** What was measured of others, on another machine: 2 cores, 1,000 jobs at once, the same kind of control plane. */
const peers = [
  ['plain `batch/v1` Jobs (the bound)', '41 s', '', '5 by the Job controller', '', ''],
  ['Kubeflow training-operator v1.8.1, as shipped', '147 s', '27 s', '4 of its own', '15 s', '108 MiB'],
  ['Kubeflow training-operator v1.8.1, client limit lifted', '66 s', '10 s', '4 of its own', '15 s', '108 MiB'],
  ['Kubeflow Trainer v2.0 with JobSet, client limit lifted', '127 s', '29 s', '2 of its own, 22 in all', '', ''],
];

/** The part of the page on TrainingJobs. */
export function controlPlanePart(report: Report): string {
  const { jobs, stored } = report.measured;
  return `# What the control plane costs

\`npm run bench -- control-plane\` starts etcd, kube-apiserver, kube-controller-manager and kube-scheduler as plain
processes, nodes that [kwok](https://kwok.sigs.k8s.io) plays (a pod runs for 2 seconds and ends well), and the operator: the
bundle of its image with the chart's flags, rights and environment. In one run it plays ${jobs} plain Jobs, ${jobs} TrainingJobs
and ${jobs} plain Jobs again. A plain Job has the very pod that a TrainingJob has. Requests are counted in the apiserver's
audit log, memory and processor time in \`/proc\`, stalls by the operator's own event-loop metric.

${table(report)}

## How it is counted

- A **write** is a request that changed something: Events, leases and refused requests are not counted. The operator's writes
  for a TrainingJob are its Job, the numbers of its model, its ModelVersion, that one's status, and that the job is complete.
  In between it is told of when its pod waits for more than 10 seconds or runs for more than 3; before that, and of its
  progress, if there is room.
- **The control plane's** writes are those of the operator, the controllers and the scheduler, not those of the user and of the
  nodes. A controller tells of a pod that becomes ready and of its end in two writes when more than a second lies between.
- **Memory** is the largest resident set that was seen, ten times a second. ModelVersions count too: ${stored} TrainingJobs have
  as many, and ${jobs} have Jobs and pods.
- **Synced** means that each TrainingJob and each ModelVersion was looked at once since the process was started.
- **Ratios** are to the mean of the plain Jobs before and after. All processes share the machine, the load among them.

## Others

Measured elsewhere, on another machine with 2 cores, and not part of the run above: to be compared by their ratios.

${alignTable([['1,000 at once', 'all finished', '200 at once', 'writes a job', 'processor time', 'memory'], ...peers])}
`;
}
