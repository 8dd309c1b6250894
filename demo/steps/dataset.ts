// Fills a claim with a file, as a person without a shared file system would: through a pod that mounts it.
import { applyObjects, kubectlIn, type Place } from './place.ts';
import { restrictedPod } from './restricted-pod.ts';

const loader = 'dataset-loader';

/** A file in a claim; `path` is relative to the claim's root and names no folder. */
export interface ClaimFile {
  readonly claimName: string;
  readonly path: string;
  readonly text: string;
}

/** Writes the file under another name and renames it, so that no trainer ever reads half of it. */
export async function writeClaimFile(place: Place, { claimName, path, text }: ClaimFile): Promise<void> {
  const volumes = { '/data': { persistentVolumeClaim: { claimName } } };
  await applyObjects(place, [restrictedPod(place, { name: loader, volumes })]);
  await kubectlIn(place, ['wait', '--for=condition=Ready', `pod/${loader}`, '--timeout=120s']);
  const script = 'cat > "/data/.$0.part" && mv "/data/.$0.part" "/data/$0"';
  await kubectlIn(place, ['exec', '--stdin', loader, '--', 'sh', '-c', script, path], text);
  // Until it is gone, the next file would be written into a pod that is about to end.
  await kubectlIn(place, ['delete', 'pod', loader]);
}
