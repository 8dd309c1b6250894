// Copies images from the local Docker daemon into the containerd of a node that is itself a container.
import { imageId } from './docker-image.ts';
import { runCommand } from './run-command.ts';

/** The full name under which containerd keeps an image that Docker calls `reference`. */
export function fullReference(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  const named = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = rest.length > 0 ? reference : `library/${reference}`;
  const name = named ? reference : `docker.io/${path}`;
  return /:[^/]+$/.test(name) ? name : `${name}:latest`;
}

/**
 * Whether a listing by `ctr images ls` has `reference` with the content `id`. containerd lists an image by its name and by
 * its id; both lines carry the digest of the same manifest.
 */
export function hasImage(listing: string, reference: string, id: string): boolean {
  const digests = new Map(
    listing
      .split('\n')
      .map((line) => line.split(/\s+/))
      .map(([name = '', , digest]) => [name, digest]),
  );
  const digest = digests.get(fullReference(reference));
  return digest !== undefined && digests.get(id) === digest;
}

/** Copies `reference` into the node unless it is there already; rejects when the local daemon has no such image. */
export async function transferImage(reference: string, container: string): Promise<void> {
  const ctr = ['docker', 'exec', '-i', container, 'ctr', '--namespace=k8s.io', 'images'];
  const [id, listing] = await Promise.all([imageId(reference), runCommand([...ctr, 'list'])]);
  if (hasImage(listing, reference, id)) return;
  const pipe = 'set -o pipefail; reference=$1; shift; docker save "$reference" | "$@" import -';
  await runCommand(['bash', '-c', pipe, 'bash', reference, ...ctr]);
}
