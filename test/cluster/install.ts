// Installs Sluice into a cluster the way a user does: the chart, rendered to one file, applied server-side.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { group } from '@sluice/crds/kind.ts';
import { kinds } from '@sluice/crds/kinds.ts';
import type { Cluster } from './cluster-type.ts';
import { buildImages } from './images.ts';
import type { Progress } from './progress.ts';
import { runCommand } from './run-command.ts';

const chart = fileURLToPath(new URL('../../charts/sluice', import.meta.url));

/** Namespace of the operator. */
export const systemNamespace = 'sluice-system';

/** The chart as `helm template` renders it; `values` are `key=value` as for `--set`. */
export function renderChart(cluster: Pick<Cluster, 'toolsPath'>, values: readonly string[] = []): Promise<string> {
  const set = values.flatMap((value) => ['--set', value]);
  return runCommand([
    join(cluster.toolsPath, 'helm'),
    'template',
    'sluice',
    chart,
    '--namespace',
    systemNamespace,
    ...set,
  ]);
}

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

/** Applies the chart and waits until the operator is ready. */
export async function installSluice(cluster: Cluster, values: readonly string[] = []): Promise<void> {
  await createRestrictedNamespace(cluster, systemNamespace);
  const manifests = await renderChart(cluster, values);
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], manifests);
  const crds = kinds.map(({ plural }) => `crd/${plural}.${group}`);
  await cluster.kubectl(['wait', '--for=condition=Established', ...crds, '--timeout=30s']);
  const rollout = ['rollout', 'status', 'deployment/sluice-operator', '--namespace', systemNamespace, '--timeout=120s'];
  await cluster.kubectl(rollout);
}
