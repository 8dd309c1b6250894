// Prometheus metrics of the operator: the controller runtime's figures under our prefix, our own, and the process's.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type Instruments, METRICS, type MetricDefinition, type MetricName } from '../kube/instruments.ts';

export const prefix = 'sluice_';
const secondsBuckets = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** Figures of this process that the runtime knows nothing of. */
export const PROCESS_METRICS = {
  log_lines_dropped_total: {
    type: 'counter',
    help: 'Log lines not written because there were too many, of a key or in all.',
    labels: ['level'],
  },
  gateway_streams_refused_total: {
    type: 'counter',
    help: 'Streams of configuration that were refused, by why: the gateway shows no token, or one that lets it hear nothing.',
    labels: ['reason'],
  },
  status_waiting: {
    type: 'gauge',
    help: 'TrainingJobs whose newest status can wait and is not written yet because its turn has not come.',
    labels: [],
  },
} as const satisfies Record<string, MetricDefinition>;

/** Where the process and the runtime report their figures. */
export type ProcessInstruments = Instruments<MetricName | keyof typeof PROCESS_METRICS>;

type Instrument = Counter | Gauge | Histogram;

function instrument(name: string, { type, help, labels }: MetricDefinition, registry: Registry): Instrument {
  const options = { name: prefix + name, help, labelNames: [...labels], registers: [registry] };
  if (type === 'counter') return new Counter(options);
  if (type === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, buckets: secondsBuckets });
}

/** The figures of this process, and how they are told. */
export type Metrics = {
  /** For further metrics. */
  readonly registry: Registry;
  readonly instruments: ProcessInstruments;
  /** Calls `refresh` before each answer of `/metrics`, for figures that change by time alone. */
  beforeAnswer(refresh: () => void): void;
  /** The text of `/metrics`. */
  text(): Promise<string>;
};

/** The registry behind `/metrics`, and the instruments that feed it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix });
  const definitions: Record<string, MetricDefinition> = { ...METRICS, ...PROCESS_METRICS };
  const instruments = new Map<string, Instrument>(
    Object.entries(definitions).map(([name, definition]) => [name, instrument(name, definition, registry)]),
  );
  const refreshes: (() => void)[] = [];
  return {
    registry,
    beforeAnswer: (refresh) => void refreshes.push(refresh),
    text: () => {
      for (const refresh of refreshes) refresh();
      return registry.metrics();
    },
    instruments: {
      count(name, labels = {}, by = 1) {
        const metric = instruments.get(name);
        if (metric instanceof Counter) metric.inc(labels, by);
      },
      gauge(name, value, labels = {}) {
        const metric = instruments.get(name);
        if (metric instanceof Gauge) metric.set(labels, value);
      },
      observe(name, value, labels = {}) {
        const metric = instruments.get(name);
        if (metric instanceof Histogram) metric.observe(labels, value);
      },
    },
  };
}
