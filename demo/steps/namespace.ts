// Gives the demo a namespace of its own, new at every run, and never takes one that is somebody else's.
import type { Cluster } from '../../test/cluster/cluster-type.ts';
import { createRestrictedNamespace } from '../../test/cluster/install.ts';

const label = 'sluice.dev/demo';

type Namespaces = { readonly items: readonly { readonly metadata: { readonly labels?: Record<string, string> } }[] };

/** Removes what an earlier run left in `name`, and waits until it is gone; rejects when the namespace is not the demo's. */
export async function removeDemoNamespace(cluster: Cluster, name: string): Promise<void> {
  const selector = `--field-selector=metadata.name=${name}`;
  const { items } = JSON.parse(await cluster.kubectl(['get', 'namespaces', selector, '--output=json'])) as Namespaces;
  const [found] = items;
  if (!found) return;
  if (found.metadata.labels?.[label] === undefined) {
    throw new Error(`Namespace ${name} is not the demo's; choose another with --namespace NAME.`);
  }
  await cluster.kubectl(['delete', 'namespace', name, '--wait=false']);
  // Nobody waits for these pods' answers any more: they need not drain.
  await cluster.kubectl(['delete', 'pods', '--all', '--namespace', name, '--grace-period=1', '--wait=false']);
  await cluster.kubectl(['wait', '--for=delete', `namespace/${name}`, '--timeout=180s']);
}

/** Creates `name`, which admits only restricted pods and may be removed by the next run. */
export async function createDemoNamespace(cluster: Cluster, name: string): Promise<void> {
  await createRestrictedNamespace(cluster, name);
  await cluster.kubectl(['label', 'namespace', name, `${label}=true`]);
}
