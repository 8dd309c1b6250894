// Jest's global set-up of the end-to-end project: one cluster, with Sluice installed as a user would, for all its files.
import { openCluster } from '../cluster/cluster.ts';
import { installSluice, provideImages } from '../cluster/install.ts';
import { Progress } from '../cluster/progress.ts';
import { shared } from './shared-cluster.ts';

/** Where test files find the cluster: JSON of `ClusterPlace`. */
export const placeVariable = 'SLUICE_E2E_CLUSTER';

export default async function setup(): Promise<void> {
  const progress = new Progress();
  const cluster = await openCluster({ name: 'test' }, progress);
  shared.cluster = cluster;
  await provideImages(cluster, progress);
  await cluster.advertiseGpu(1);
  await progress.stage('installing Sluice', () => installSluice(cluster));
  const { kubeconfigPath, toolsPath, nodeAddress, name } = cluster;
  process.env[placeVariable] = JSON.stringify({ kubeconfigPath, toolsPath, nodeAddress, name });
  process.stderr.write(`${progress.summary()}\n`);
}
