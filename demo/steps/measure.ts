// Measures what the timeline reports beside the load: the machine, the operator's memory and writes, the GPUs that nodes
// offer.
import { totalmem } from 'node:os';
import { systemNamespace } from '../../test/cluster/chart.ts';
import type { Cluster } from '../../test/cluster/cluster-type.ts';
import { machine } from '../../test/machine.ts';
import { parseMetrics, sumOf } from '../../test/metrics-text.ts';

const gibibyte = 1024 ** 3;

/** Cores, memory and processor of this machine. */
export function describeMachine(): string {
  return `${machine()}, ${(totalmem() / gibibyte).toFixed(0)} GiB`;
}

const memoryMetric = 'sluice_process_resident_memory_bytes';
const requestsMetric = 'sluice_rest_client_requests_total';
/** Requests of any other method change nothing. */
const writeMethods = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** What the operator says of itself. */
export interface OperatorFigures {
  readonly memoryMiB: number;
  /** Requests to the apiserver that change something, by HTTP method, since the process began. */
  readonly writes: ReadonlyMap<string, number>;
}

/** The operator's own figures, from its /metrics. */
export async function measureOperator(cluster: Cluster): Promise<OperatorFigures> {
  const script = "fetch('http://127.0.0.1:8081/metrics').then((r) => r.text()).then((t) => console.log(t))";
  const target = ['--namespace', systemNamespace, 'exec', 'deployment/sluice-operator'];
  return parseOperatorFigures(await cluster.kubectl([...target, '--', 'node', '-e', script]));
}

/** @throws Error when the memory is not among the metrics. */
export function parseOperatorFigures(metrics: string): OperatorFigures {
  const found = parseMetrics(metrics);
  const bytes = found.get(memoryMetric);
  if (bytes === undefined) throw new Error(`The operator reports no ${memoryMetric} on /metrics.`);
  const counts = writeMethods.map((method) => [method, sumOf(found, requestsMetric, `method="${method}"`)] as const);
  return { memoryMiB: bytes / 1024 ** 2, writes: new Map(counts.filter(([, count]) => count > 0)) };
}

/** Writes from one look to a later one; an operator that began anew in between has counted from 0. */
export function writesBetween(before: OperatorFigures, after: OperatorFigures): ReadonlyMap<string, number> {
  const entries = [...after.writes].map(([method, count]): [string, number] => {
    const earlier = before.writes.get(method) ?? 0;
    return [method, count < earlier ? count : count - earlier];
  });
  return new Map(entries.filter(([, count]) => count > 0));
}

/** Whether any node offers `nvidia.com/gpu`. */
export async function offersGpu(cluster: Cluster): Promise<boolean> {
  const path = 'jsonpath={.items[*].status.allocatable.nvidia\\.com/gpu}';
  const counts = await cluster.kubectl(['get', 'nodes', '--output', path]);
  return counts.split(' ').some((count) => Number(count) > 0);
}
