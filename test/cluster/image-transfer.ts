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

/**
 * Copies those of `references` into the node that are not there yet, layers that they share only once. Rejects when the
 * local daemon has no image of a name.
 */
export async function transferImages(references: readonly string[], container: string): Promise<void> {
  const list = ['docker', 'exec', container, 'ctr', '-n', 'k8s.io', 'images', 'list'];
  const [listing, ...ids] = await Promise.all([runCommand(list), ...references.map(imageId)]);
  const missing = references.filter((reference, index) => !hasImage(listing, reference, ids[index] ?? ''));
  if (missing.length === 0) return;
  const pipe =
    'set -o pipefail; container=$1; shift; docker save "$@" | docker exec -i "$container" ctr -n k8s.io images import -';
  await runCommand(['bash', '-c', pipe, 'bash', container, ...missing]);
}
