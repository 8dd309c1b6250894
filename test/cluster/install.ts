// Installs Sluice into a cluster the way a user does: the chart, rendered to one file, applied server-side.
import { readFile } from 'node:fs/promises';
import { group } from '@sluice/crds/kind.ts';
import { kinds } from '@sluice/crds/kinds.ts';
import { installPath, renderInstall, systemNamespace } from './chart.ts';
import type { Cluster } from './cluster-type.ts';
import { buildImages } from './images.ts';
import type { Progress } from './progress.ts';

/** Creates a namespace that admits only restricted pods; an existing one is kept. */
export async function createRestrictedNamespace(cluster: Cluster, name: string): Promise<void> {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(namespace));
}

/** Builds the images and brings them into the cluster; resolves to the registry prefix that pods must use. */
export async function provideImages(cluster: Cluster, progress: Progress): Promise<void> {
  const names = await buildImages(progress);
  await progress.stage('loading images into the cluster', () => cluster.loadImages(names));
}

/** Applies install.yaml, or the chart with other values, and waits until the operator is ready. */
export async function installSluice(cluster: Cluster, values: readonly string[] = []): Promise<void> {
  const manifests = await (values.length === 0
    ? readFile(installPath, 'utf8')
    : renderInstall(cluster.toolsPath, values));
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], manifests);
  const crds = kinds.map(({ plural }) => `crd/${plural}.${group}`);
  await cluster.kubectl(['wait', '--for=condition=Established', ...crds, '--timeout=30s']);
  const rollout = ['rollout', 'status', 'deployment/sluice-operator', '--namespace', systemNamespace, '--timeout=120s'];
  await cluster.kubectl(rollout);
}
