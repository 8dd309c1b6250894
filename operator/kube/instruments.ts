// The figures this room reports, by name. It knows no metrics library: the process passes in where they go.

/** One metric: what it counts, and the labels each sample carries. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

function counter(help: string, ...labels: string[]): MetricDefinition {
  return { type: 'counter', help, labels };
}

function gauge(help: string, ...labels: string[]): MetricDefinition {
  return { type: 'gauge', help, labels };
}

function histogram(help: string, ...labels: string[]): MetricDefinition {
  return { type: 'histogram', help, labels };
}

/** Every metric of the runtime; names and meaning as in Go's controller-runtime and client-go. Times are in seconds. */
export const METRICS = {
  reconcile_total: counter('Reconciles by result: success, requeue_after, requeue, error.', 'controller', 'result'),
  reconcile_errors_total: counter('Reconciles that threw.', 'controller'),
  reconcile_panics_total: counter('Reconciles that threw what no apiserver sent: a bug.', 'controller'),
  reconcile_timeouts_total: counter('Reconciles cut at their deadline.', 'controller'),
  reconcile_time_seconds: histogram('Length of a reconcile.', 'controller'),
  active_workers: gauge('Reconciles under way.', 'controller'),
  max_concurrent_reconciles: gauge('Reconciles that may be under way at once.', 'controller'),
  mapper_errors_total: counter('Watch events whose mapping to keys threw.', 'controller'),
  workqueue_depth: gauge('Keys ready to be taken.', 'name'),
  workqueue_adds_total: counter('Keys that became ready.', 'name'),
  workqueue_retries_total: counter('Keys put back after a failure.', 'name'),
  workqueue_queue_duration_seconds: histogram('How long a key was ready before a worker took it.', 'name'),
  rest_client_requests_total: counter(
    'Requests to the apiserver; the code of one without an answer is `<error>`.',
    'code',
    'method',
  ),
  rest_client_request_duration_seconds: histogram('Time to a complete answer.', 'method'),
  informer_objects: gauge('Objects in the cache.', 'resource'),
  informer_last_event_age_seconds: gauge('Time since the last byte of the watch, at most a minute.', 'resource'),
  informer_watch_ends_total: counter('Ends of a watch by cause.', 'resource', 'cause'),
  relist_total: counter('Full lists after the first one, by cause.', 'resource', 'cause'),
  events_dropped_total: counter('Events not written, by cause.', 'cause'),
  apply_writes_total: counter('Writes to children by operation: create, update, delete.', 'kind', 'operation'),
  leader_election_master_status: gauge('1 while this process holds the lease.', 'name'),
  leader_election_errors_total: counter('Reads and writes of the lease that failed.', 'name'),
} as const satisfies Record<string, MetricDefinition>;

/** Name of a metric, without the process's prefix. */
export type MetricName = keyof typeof METRICS;

/** Where the figures go; the process implements it with its metrics library, and may add names of its own. */
export interface Instruments<Name extends string = MetricName> {
  /** Adds `by` (1 when absent) to a counter. */
  count(name: Name, labels?: Record<string, string>, by?: number): void;
  /** Sets a gauge. */
  gauge(name: Name, value: number, labels?: Record<string, string>): void;
  /** Adds a value to a histogram. */
  observe(name: Name, value: number, labels?: Record<string, string>): void;
}

/** Keeps nothing. */
export const noInstruments: Instruments = { count: () => {}, gauge: () => {}, observe: () => {} };
