// Measures what the timeline reports beside the load: the machine, the operator's memory and writes, the GPUs that nodes
// offer.
import { availableParallelism, cpus, totalmem } from 'node:os';
import { systemNamespace } from '../../test/cluster/chart.ts';
import type { Cluster } from '../../test/cluster/cluster-type.ts';

const gibibyte = 1024 ** 3;

/** Cores, memory and processor of this machine. */
export function describeMachine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  return `${availableParallelism()} cores, ${(totalmem() / gibibyte).toFixed(0)} GiB, ${model}`;
}

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
  const bytes = /^\w*process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1];
  if (bytes === undefined) throw new Error('The operator reports no process_resident_memory_bytes on /metrics.');
  const writes = new Map<string, number>();
  for (const [, labels = '', count] of metrics.matchAll(/^\w*rest_client_requests_total\{(.*)\} (\d+)$/gm)) {
    const method = /method="(\w+)"/.exec(labels)?.[1];
    if (method === undefined || method === 'GET') continue;
    writes.set(method, (writes.get(method) ?? 0) + Number(count));
  }
  return { memoryMiB: Number(bytes) / 1024 ** 2, writes };
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
