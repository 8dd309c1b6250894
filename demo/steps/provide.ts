// Brings up a cluster that has Sluice: the node, the images and the chart, side by side where they do not need each other.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemNamespace } from '../../test/cluster/chart.ts';
import { openCluster } from '../../test/cluster/cluster.ts';
import type { Cluster, ClusterOptions } from '../../test/cluster/cluster-type.ts';
import { ensureDocker } from '../../test/cluster/docker-daemon.ts';
import { imageId } from '../../test/cluster/docker-image.ts';
import { buildImages, imageName, imageParts } from '../../test/cluster/images.ts';
import { installSluice } from '../../test/cluster/install.ts';
import type { Progress } from '../../test/cluster/progress.ts';

/** A cluster and the registry prefix under which its pods find Sluice's images. */
export interface Provided {
  readonly cluster: Cluster;
  readonly registry: string;
}

/**
 * Resolves when the cluster runs and has the images; `meanwhile` is done as soon as it runs. A new cluster starts beside
 * the building of images; one that is there is asked first, because what may be wrong with it is known at once.
 */
export async function provideCluster(
  options: ClusterOptions,
  progress: Progress,
  meanwhile: (cluster: Cluster) => Promise<void>,
): Promise<Provided> {
  await ensureDocker(progress);
  const opening = prepareCluster(options, progress, meanwhile);
  if (options.registry !== undefined) await opening;
  const [opened, built] = await Promise.allSettled([opening, buildImages(progress)]);
  if (opened.status === 'rejected') throw opened.reason;
  if (built.status === 'rejected') throw built.reason;
  const cluster = opened.value;
  const references = await progress.stage('bring the images into the cluster', () => cluster.loadImages(built.value));
  return { cluster, registry: registryOf(references) };
}

async function prepareCluster(
  options: ClusterOptions,
  progress: Progress,
  meanwhile: (cluster: Cluster) => Promise<void>,
): Promise<Cluster> {
  const cluster = await openCluster(options, progress);
  if (options.registry !== undefined) requireHelm(cluster);
  await meanwhile(cluster);
  return cluster;
}

/** Installs the chart with the images of `registry`; resolves when an operator of this very image is ready. */
export async function provideSluice({ cluster, registry }: Provided): Promise<void> {
  const name = imageName('operator', registry);
  const values = name === imageName('operator') ? [] : [`images.registry=${registry}`];
  const ranBefore = await operatorIsThere(cluster);
  await installSluice(cluster, values);
  if (ranBefore) await restartWhenRebuilt(cluster, await imageId(name));
}

async function operatorIsThere(cluster: Cluster): Promise<boolean> {
  const target = ['deployment/sluice-operator', '--namespace', systemNamespace];
  return (await cluster.kubectl(['get', ...target, '--ignore-not-found', '--output=name'])) !== '';
}

/** A rebuilt image keeps its name, so that Kubernetes sees no change: its id in an annotation is one. */
async function restartWhenRebuilt(cluster: Cluster, id: string): Promise<void> {
  const target = ['deployment/sluice-operator', '--namespace', systemNamespace];
  const patch = { spec: { template: { metadata: { annotations: { 'sluice.dev/image-id': id } } } } };
  await cluster.kubectl(['patch', ...target, '--patch', JSON.stringify(patch)]);
  await cluster.kubectl(['rollout', 'status', ...target, '--timeout=120s']);
}

function requireHelm({ toolsPath }: Cluster): void {
  if (!existsSync(join(toolsPath, 'helm'))) {
    throw new Error(`helm is not beside kubectl in ${toolsPath}; install it there, the chart is rendered with it.`);
  }
}

/** What stands before `/operator:…`; the references come in the order of the parts. */
function registryOf([operator = '']: readonly string[]): string {
  const [part] = imageParts;
  return operator.slice(0, operator.lastIndexOf(`/${part}:`));
}
