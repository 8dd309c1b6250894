// Scene: from nothing to a cluster with Sluice and an empty namespace.
import { imageName } from '../../test/cluster/images.ts';
import { Progress } from '../../test/cluster/progress.ts';
import type { Arguments } from '../arguments.ts';
import type { Screen } from '../screen/screen.ts';
import { offersGpu } from '../steps/measure.ts';
import { createDemoNamespace, removeDemoNamespace } from '../steps/namespace.ts';
import { provideCluster, provideSluice } from '../steps/provide.ts';
import type { Stage } from './stage.ts';

const gpuColumns = 'custom-columns=NODE:.metadata.name,GPU:.status.allocatable.nvidia\\.com/gpu';

/** What the other scenes need. */
export interface Prepared {
  readonly stage: Stage;
  /** Where the time of the preparation went. */
  readonly summary: string;
}

/** Rejects with one sentence when the cluster, an image or the chart cannot be had. */
export async function prepare(
  { cluster: options, namespace, isForeign }: Arguments,
  screen: Screen,
): Promise<Prepared> {
  const progress = new Progress((line) => screen.say(line));
  const provided = await provideCluster(options, progress, async (cluster) => {
    if (!isForeign) await cluster.advertiseGpu(1);
    await progress.stage(`empty namespace ${namespace}`, () => removeDemoNamespace(cluster, namespace));
  });
  await progress.stage('install.yaml: CRDs and operator', () => provideSluice(provided));
  const { cluster, registry } = provided;
  await createDemoNamespace(cluster, namespace);
  const gpu = await offersGpu(cluster);
  if (isForeign && !gpu) screen.say('  No node of yours offers nvidia.com/gpu: the examples are applied without it.');
  if (!isForeign)
    screen.say(
      '  The node says that it has one nvidia.com/gpu. It has none: the device is simulated, the scheduling is real.',
    );
  await screen.kubectl(cluster, ['get', 'nodes', '--output', gpuColumns]);
  const place = { cluster, namespace, nodeImage: imageName('server', registry) };
  return { stage: { place, screen, gpu }, summary: progress.summary() };
}
