// The cluster and namespace of a test as the demo knows them, so that tests take the very steps of the demo.
import type { Place } from '../../demo/steps/place.ts';
import type { Cluster } from '../cluster/cluster-type.ts';
import { simulateGpus } from '../cluster/simulated-gpu.ts';
import type { World } from './world.ts';

/** What only those may do who made the cluster: the run of all tests. */
const notHere = () => Promise.reject(new Error('images and the cluster itself belong to test/e2e/setup.ts'));

/** The demo's view of a world. */
export function demoPlace(world: World): Place {
  const { name, kubeconfigPath, nodeAddress, toolsPath, nodeImage } = world.place;
  const kubectl = (args: readonly string[], input?: string) => world.kubectl(args, input);
  const cluster: Cluster = {
    name,
    kubeconfigPath,
    context: undefined,
    nodeAddress,
    toolsPath,
    kubectl,
    exec: (command) => world.onNode(command),
    advertiseGpu: (count) => simulateGpus(kubectl, count),
    loadImages: notHere,
    down: notHere,
  };
  return { cluster, namespace: world.namespace, nodeImage };
}
