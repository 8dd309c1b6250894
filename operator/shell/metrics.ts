// Prometheus metrics of the operator: the controller runtime's figures under our prefix, and the process's own.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type Instruments, METRICS, type MetricDefinition, type MetricName } from '../kube/instruments.ts';

const prefix = 'sluice_';
const secondsBuckets = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

type Instrument = Counter | Gauge | Histogram;

function instrument(name: string, { type, help, labels }: MetricDefinition, registry: Registry): Instrument {
  const options = { name: prefix + name, help, labelNames: [...labels], registers: [registry] };
  if (type === 'counter') return new Counter(options);
  if (type === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, buckets: secondsBuckets });
}

/** The registry behind `/metrics`, and the instruments that feed it. */
export function createMetrics(): { registry: Registry; instruments: Instruments } {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix });
  const instruments = new Map<string, Instrument>(
    Object.entries(METRICS).map(([name, definition]) => [name, instrument(name, definition, registry)]),
  );
  const find = (name: MetricName) => instruments.get(name);
  return {
    registry,
    instruments: {
      count(name, labels = {}, by = 1) {
        const metric = find(name);
        if (metric instanceof Counter) metric.inc(labels, by);
      },
      gauge(name, value, labels = {}) {
        const metric = find(name);
        if (metric instanceof Gauge) metric.set(labels, value);
      },
      observe(name, value, labels = {}) {
        const metric = find(name);
        if (metric instanceof Histogram) metric.observe(labels, value);
      },
    },
  };
}
