// Installs the generated CRDs on the shared apiserver and waits until it serves them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { group, version } from '@sluice/crds/kind.ts';
import { type AnyKind, kinds } from '@sluice/crds/kinds.ts';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import { isNotFound } from '@sluice/operator/kube/errors.ts';
import type { KubeObject, Resource } from '@sluice/operator/kube/objects.ts';
import { parse } from 'yaml';

const definitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const servedWithinMs = 20_000;

/** Where objects of a kind of ours are. */
export const resourceOf = ({ kind, plural }: AnyKind): Resource => ({ group, version, plural, kind, namespaced: true });

/** The CRD of a kind as it lies in the repository. */
export async function readDefinition({ plural }: AnyKind): Promise<KubeObject & { spec: unknown }> {
  const file = join(import.meta.dirname, '..', '..', '..', 'crds', `${group}_${plural}.yaml`);
  return parse(await readFile(file, 'utf8'), { version: '1.1' });
}

/** Resolves when every kind can be listed; safe to call from several test files at once. */
export async function installCrds(client: KubeClient): Promise<void> {
  for (const kind of kinds) await client.apply(definitions, await readDefinition(kind));
  const deadline = performance.now() + servedWithinMs;
  for (const kind of kinds) {
    while (!(await isServed(client, kind))) {
      if (performance.now() > deadline) throw new Error(`${kind.kind} was not served within ${servedWithinMs} ms`);
      await delay(50);
    }
  }
}

async function isServed(client: KubeClient, kind: AnyKind): Promise<boolean> {
  try {
    await client.list(resourceOf(kind), { limit: 1 });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
