// Makes what end-to-end tests run on: one cluster, with Sluice installed as a user would, for all test files.
import { systemNamespace } from '../cluster/chart.ts';
import { openCluster } from '../cluster/cluster.ts';
import type { Cluster } from '../cluster/cluster-type.ts';
import { imageName } from '../cluster/images.ts';
import { installSluice, provideImages } from '../cluster/install.ts';
import { Progress } from '../cluster/progress.ts';

/** Where test files find the cluster: JSON of `ClusterPlace` in this variable. */
export const placeVariable = 'SLUICE_E2E_CLUSTER';

/** Name of the cluster; another one, so that two working trees of one machine do not share it. */
const clusterName = () => process.env['SLUICE_TEST_CLUSTER_NAME'] ?? 'test';

/**
 * Brings the cluster up and says where the time went. With SLUICE_KEEP_CLUSTER=1 it stays, and the next run finds it.
 * It is not Jest's global set-up: Jest would load the image builders through its own transformer.
 */
export async function setUpCluster(): Promise<{ cluster: Cluster; environment: Record<string, string> }> {
  const progress = new Progress();
  const keep = process.env['SLUICE_KEEP_CLUSTER'] === '1';
  const cluster = await openCluster({ name: clusterName(), keep }, progress);
  await cluster.advertiseGpu(1);
  await provideImages(cluster, progress);
  await progress.stage('installing Sluice', () => installSluice(cluster));
  if (keep) await progress.stage('restarting the operator', () => restartOperator(cluster));
  console.error(progress.summary());
  const { kubeconfigPath, toolsPath, nodeAddress, name } = cluster;
  return {
    cluster,
    environment: {
      [placeVariable]: JSON.stringify({ kubeconfigPath, toolsPath, nodeAddress, name, nodeImage: imageName('server') }),
    },
  };
}

/** In a cluster that was kept, the operator still runs the image that had the same name then. */
async function restartOperator(cluster: Cluster): Promise<void> {
  const target = ['deployment/sluice-operator', '--namespace', systemNamespace];
  await cluster.kubectl(['rollout', 'restart', ...target]);
  await cluster.kubectl(['rollout', 'status', ...target, '--timeout=120s']);
}
