// Makes nodes offer GPUs that are not there, so that the real scheduler counts them and a pod that asks for one runs.
import type { Kubectl } from './kubectl-client.ts';

const resource = 'nvidia.com/gpu';

/** Sets the first node's `nvidia.com/gpu` to `count`, or removes it at 0; the kubelet keeps resources it does not know. */
export async function simulateGpus(kubectl: Kubectl, count: number): Promise<void> {
  const node = (await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])).trim();
  const value = count > 0 ? String(count) : null;
  const status = { capacity: { [resource]: value }, allocatable: { [resource]: value } };
  await kubectl(['patch', 'node', node, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
}
