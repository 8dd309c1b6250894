// Applies the plain manifests of examples/, and knows what a user would type for it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kubectlIn, type Place } from './place.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A command as a user would type it, and the text that kubectl is given. */
export interface Application {
  readonly commandLine: string;
  readonly manifest: string;
}

/**
 * How to apply a file (path from the repository's root): as it is, or, where no node offers a GPU, without the line that
 * asks for one.
 */
export async function exampleApplication(file: string, namespace: string, gpu: boolean): Promise<Application> {
  const manifest = await readFile(join(root, file), 'utf8');
  const apply = `kubectl apply --namespace ${namespace}`;
  if (gpu || !/^ *gpu:/m.test(manifest)) return { commandLine: `${apply} -f ${file}`, manifest };
  const without = manifest.replace(/^ *gpu:.*\n/gm, '');
  return { commandLine: `grep -v '^ *gpu:' ${file} | ${apply} -f -`, manifest: without };
}

/** Applies a file; resolves to what kubectl says. */
export async function applyExample(place: Place, file: string): Promise<string> {
  const { manifest } = await exampleApplication(file, place.namespace, true);
  return applyManifest(place, manifest);
}

/** Applies the text of a manifest; resolves to what kubectl says. */
export function applyManifest(place: Place, manifest: string): Promise<string> {
  return kubectlIn(place, ['apply', '-f', '-'], manifest);
}
