// The figures by which the control plane is judged, each with its target: one list, from which table, JSON and page come.

import type { RequestCost } from './costs.ts';
import type { Seen } from './gauge.ts';
import { quantile } from './quantile.ts';
import type { CrowdFigures, StartFigures } from './scenes.ts';

/** Everything that was measured in one run. */
export type Measured = {
  readonly jobs: number;
  readonly stored: number;
  readonly singleMs: readonly number[];
  readonly idle: Seen;
  /** Plain Jobs before and after the TrainingJobs: what the machine does besides shows in their difference. */
  readonly plain: readonly CrowdFigures[];
  readonly training: CrowdFigures & { readonly operator: Seen };
  readonly costs: readonly RequestCost[];
  readonly start: StartFigures;
};

/** One figure; it is good when it is at most, or below, its target. */
export type Figure = {
  readonly key: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly target: { readonly at: 'most' | 'below'; readonly value: number };
};

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The figures under the keys that the JSON has. */
export function figuresOf({ jobs, stored, singleMs, idle, plain, training, start }: Measured): Figure[] {
  const ratio = (own: number, of: (figures: CrowdFigures) => number) => own / mean(plain.map(of));
  const perThousand = 1000 / jobs;
  const most = (value: number) => ({ at: 'most', value }) as const;
  const below = (value: number) => ({ at: 'below', value }) as const;
  const stalls = [idle, training.operator, start.operator].map(({ loopStallMs }) => loopStallMs);
  const row = (key: string, what: string, figure: Pick<Figure, 'value' | 'unit' | 'target'>): Figure => ({
    key,
    what,
    ...figure,
  });
  return [
    row('singleCreateToJobP50Ms', `one TrainingJob on an idle cluster, create → Job, p50 of ${singleMs.length}`, {
      value: quantile(singleMs, 0.5),
      unit: 'ms',
      target: below(50),
    }),
    row('finishedRatioToPlainJobs', `${jobs} at once: all finished, times the time of plain Jobs`, {
      value: ratio(training.finishedSeconds, (each) => each.finishedSeconds),
      unit: '×',
      target: most(1.3),
    }),
    row('createToPodP99Ratio', `${jobs} at once: create → pod, p99, times that of plain Jobs`, {
      value: ratio(training.podP99Seconds, (each) => each.podP99Seconds),
      unit: '×',
      target: most(1.5),
    }),
    row('apiWritesPerJob', "the operator's writes for a TrainingJob, without Events", {
      value: training.operatorWrites / jobs,
      unit: '',
      target: most(6),
    }),
    row('allWritesPerJob', 'writes of operator, controllers and scheduler for it, without Events', {
      value: training.controlPlaneWrites / jobs,
      unit: '',
      target: most(12),
    }),
    row('idleRssMiB', 'operator, idle', { value: idle.rssMiB, unit: 'MiB', target: below(120) }),
    row('rssAt1000MiB', `operator, most with ${jobs} jobs and their pods`, {
      value: training.operator.rssMiB,
      unit: 'MiB',
      target: below(200),
    }),
    row('cpuSecondsPer1000', 'operator, processor time for 1,000 TrainingJobs', {
      value: training.operator.processorSeconds * perThousand,
      unit: 's',
      target: most(15),
    }),
    row('syncedAt10000Seconds', `${stored} TrainingJobs stored: start → every one reconciled`, {
      value: start.syncedSeconds,
      unit: 's',
      target: below(30),
    }),
    row('resyncWrites', 'writes of that start, without Events', { value: start.writes, unit: '', target: most(0) }),
    row('rssAt10000MiB', 'operator, most in that start', {
      value: start.operator.rssMiB,
      unit: 'MiB',
      target: below(500),
    }),
    row('maxLoopStallMs', 'longest stall of the event loop, over all of it', {
      value: Math.max(...stalls),
      unit: 'ms',
      target: most(100),
    }),
  ];
}

/** What a job costs all processors, in milliseconds, and what stands between a plain Job and a TrainingJob. */
export type Shares = {
  readonly plainMs: number;
  /** What the requests cost the apiserver that a plain Job does not need. */
  readonly requestsMs: number;
  readonly operatorMs: number;
  /** The finishedRatio that these leave, if all processors are busy. */
  readonly ratio: number;
};

/** @param cores that the crowds had */
export function sharesOf({ jobs, plain, training, costs }: Measured, cores: number): Shares {
  const plainMs = (1000 * cores * mean(plain.map(({ finishedSeconds }) => finishedSeconds))) / jobs;
  const requestsMs = costs.reduce((sum, { milliseconds, perJob }) => sum + milliseconds * perJob, 0);
  const operatorMs = (1000 * training.operator.processorSeconds) / jobs;
  return { plainMs, requestsMs, operatorMs, ratio: (plainMs + requestsMs + operatorMs) / plainMs };
}

export function isReached({ value, target }: Figure): boolean {
  return target.at === 'most' ? value <= target.value : value < target.value;
}
