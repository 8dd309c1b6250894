// Measures what the timeline reports beside the load: the machine, the operator's memory, the GPUs that nodes offer.
import { availableParallelism, cpus, totalmem } from 'node:os';
import { systemNamespace } from '../../test/cluster/chart.ts';
import type { Cluster } from '../../test/cluster/cluster-type.ts';

const gibibyte = 1024 ** 3;

/** Cores, memory and processor of this machine. */
export function describeMachine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  return `${availableParallelism()} cores, ${(totalmem() / gibibyte).toFixed(0)} GiB, ${model}`;
}

/** Resident memory of the operator in MiB, from its own /metrics. */
export async function operatorMemory(cluster: Cluster): Promise<number> {
  const script = "fetch('http://127.0.0.1:8081/metrics').then((r) => r.text()).then((t) => console.log(t))";
  const target = ['--namespace', systemNamespace, 'exec', 'deployment/sluice-operator'];
  const text = await cluster.kubectl([...target, '--', 'node', '-e', script]);
  const bytes = /^\w*process_resident_memory_bytes (\S+)$/m.exec(text)?.[1];
  if (bytes === undefined) throw new Error('The operator reports no process_resident_memory_bytes on /metrics.');
  return Number(bytes) / 1024 ** 2;
}

/** Whether any node offers `nvidia.com/gpu`. */
export async function offersGpu(cluster: Cluster): Promise<boolean> {
  const path = 'jsonpath={.items[*].status.allocatable.nvidia\\.com/gpu}';
  const counts = await cluster.kubectl(['get', 'nodes', '--output', path]);
  return counts.split(' ').some((count) => Number(count) > 0);
}
