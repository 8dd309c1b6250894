// Opens a cluster by the first way that works: the user's own, a K3s image that can be pulled, a node image built here.
import type { Cluster, ClusterOptions } from './cluster-type.ts';
import { openContainerCluster } from './container-cluster.ts';
import { ensureDocker } from './docker-daemon.ts';
import { Progress } from './progress.ts';
import { openExistingCluster } from './providers/existing-cluster.ts';

/** The cluster's name where none is given. */
export const defaultName = 'local';

/**
 * Opens the cluster that `options` describe, making it when it does not exist: about ten seconds when everything is built,
 * up to ten minutes the first time. Rejects with one sentence that says what to do.
 */
export async function openCluster(options: ClusterOptions = {}, progress = new Progress()): Promise<Cluster> {
  if (options.context !== undefined || options.kubeconfig !== undefined) return openExistingCluster(options);
  const name = options.name ?? defaultName;
  if (!/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
    throw new Error(`Cluster name "${name}": use at most 32 lower-case letters, digits and dashes, a letter first.`);
  }
  await ensureDocker(progress);
  return openContainerCluster(name, options.keep === true ? 'until down' : 'process', progress);
}
