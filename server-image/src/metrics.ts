// The server's Prometheus metrics. Every series carries the revision; the only other label is the status code.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const bucketRatio = 1.25;
const smallestBucket = 0.001;
const largestBucket = 10;

/**
 * Seconds from 1 ms to 10 s, each bucket 1.25 times the one before: a quantile read from them is at most 25 % off, fine
 * enough for a latency gate, at 43 series.
 */
export const durationBuckets: number[] = Array.from(
  { length: Math.ceil(Math.log(largestBucket / smallestBucket) / Math.log(bucketRatio)) + 1 },
  (_, index) => Number(Math.min(largestBucket, smallestBucket * bucketRatio ** index).toPrecision(4)),
);

/** What `sluice_model_info` says about the model that is served. */
export type ModelInfo = { readonly model: string; readonly version: string; readonly digest: string };

/** Read when the metrics are scraped. */
export type Gauges = {
  queued(): number;
  running(): number;
  readyWorkers(): number;
};

export type ServerMetrics = ReturnType<typeof createMetrics>;

/** Registers every metric in a registry of its own, with `revision` on each series. */
export function createMetrics(revision: string, info: ModelInfo, gauges: Gauges) {
  const registry = new Registry();
  registry.setDefaultLabels({ revision });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  gauge(registers, 'sluice_queue_length', 'Requests that wait for a worker.', gauges.queued);
  gauge(registers, 'sluice_inference_running', 'Requests that a worker is computing.', gauges.running);
  gauge(registers, 'sluice_workers_ready', 'Worker threads with a loaded model.', gauges.readyWorkers);
  new Gauge({
    name: 'sluice_model_info',
    help: 'Always 1; the labels name the model that is served.',
    labelNames: ['model', 'version', 'digest'],
    registers,
  }).set({ ...info }, 1);
  const histogram = (name: string, help: string) => new Histogram({ name, help, buckets: durationBuckets, registers });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  return {
    registry,
    requests: new Counter({
      name: 'sluice_inference_requests_total',
      help: 'Infer requests that were answered, by status code; 499 when the client left before its answer.',
      labelNames: ['code'],
      registers,
    }),
    inflight: new Gauge({ name: 'sluice_inference_inflight', help: 'Infer requests not yet answered.', registers }),
    duration: histogram('sluice_inference_duration_seconds', 'Seconds from the request line to the answer being sent.'),
    queueWait: histogram('sluice_inference_queue_seconds', 'Seconds a request waited for a worker.'),
    compute: histogram('sluice_inference_compute_seconds', 'Seconds of encoding, inference and decoding.'),
    rows: counter('sluice_inference_rows_total', 'Rows predicted.'),
    nonfiniteOutputs: counter('sluice_nonfinite_outputs_total', 'Rows for which the model gave NaN or infinity.'),
    workersLost: counter('sluice_workers_lost_total', 'Worker threads that died or were replaced after a timeout.'),
  };
}

function gauge(registers: Registry[], name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}
