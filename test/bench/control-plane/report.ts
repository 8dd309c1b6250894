// Shows what was measured: a table for people, JSON for machines, and the page of the documentation.
import { alignTable } from '../../align-table.ts';
import { type Figure, figuresOf, isReached, type Measured } from './figures.ts';
import type { CrowdFigures } from './scenes.ts';

/** A run with what it was made on. */
export type Report = {
  /** Processor and memory. */
  readonly machine: string;
  readonly seconds: number;
  readonly measured: Measured;
};

const rounded = (value: number) => Number(value.toPrecision(3));

/** The figures under the keys by which they are asked for, then everything else. */
export function jsonReport({ machine, seconds, measured }: Report): object {
  const figures = figuresOf(measured).map(({ key, value }) => [key, rounded(value)] as const);
  return { ...Object.fromEntries(figures), machine, seconds, ...measured };
}

/** Markdown that reads well in a terminal too. */
export function table({ machine, seconds, measured }: Report): string {
  const rows = figuresOf(measured).map((figure) => [
    figure.key,
    figure.what,
    `${rounded(figure.value)} ${figure.unit}`.trim(),
    targetOf(figure),
    isReached(figure) ? 'yes' : 'NO',
  ]);
  return [
    alignTable([['Figure', 'What', 'Measured', 'To reach', 'Reached'], ...rows]),
    '',
    crowds(measured),
    '',
    `Made in ${seconds} s on ${machine}.`,
  ].join('\n');
}

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
