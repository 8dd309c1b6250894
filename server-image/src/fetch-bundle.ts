// Copies the bundle out of the storage, every byte verified, or only verifies it; or says why it must not be served.
import { basename, join } from 'node:path';
import type { BundleRejection } from '@sluice/crds/contract.ts';
import { type BundleLocation, parseBundleUri } from '@sluice/crds/locations.ts';
import { cutEnd, headOf, printable } from '@sluice/crds/text.ts';
import { BundleError } from '@sluice/model/bundle-error.ts';
import { copyBundle, refuseMoreThan, verifyBundle } from '@sluice/model/bundle-reading.ts';
import { bundleDirectory } from '@sluice/model/manifest.ts';

const maxMessageLength = 1024;

export type FetchPlan = {
  /** Such as `pvc://<claim>/<modelName>/sha256-<hex>`. */
  readonly uri: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
  /** Most bytes that the files may have; as many as there is room for when absent. */
  readonly maxBytes: number | undefined;
  /** Where the model's directory of the storage is mounted. */
  readonly storageDirectory: string;
  /** Where the copy goes; the bundle is only verified when absent. */
  readonly modelDirectory: string | undefined;
};

/**
 * Fills `modelDirectory`. Returns why the bundle is refused, or null when it is verified and in place. Anything that is
 * not the bundle's fault (no space left, an I/O error) is thrown, so that the kubelet tries again.
 */
export async function fetchBundle(plan: FetchPlan): Promise<BundleRejection | null> {
  const { digest, maxBytes, modelDirectory } = plan;
  try {
    const from = directoryOf(plan);
    if (modelDirectory === undefined) refuseMoreThan(maxBytes, await verifyBundle(from, digest));
    else await copyBundle({ from, to: modelDirectory, digest, maxBytes });
    return null;
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    return { reason: error.reason, message: cutEnd(printable(error.message), maxMessageLength) };
  }
}

/** Where a bundle of each place lies in this pod. */
const directories: {
  readonly [Type in BundleLocation['type']]: (storage: string, place: BundleLocation<Type>) => string;
} = {
  Claim: (storage, { path }) => join(storage, basename(path)),
};

/** The directory of the digest: nothing else is ever read from the storage. */
function directoryOf({ uri, digest, storageDirectory }: FetchPlan): string {
  const location = parseBundleUri(uri);
  const wanted = bundleDirectory(digest);
  if (location !== undefined && basename(location.path) === wanted) {
    return directories[location.type](storageDirectory, location);
  }
  throw new BundleError(
    'BundleMissing',
    `bundle.uri ${headOf(uri, 300)} must be pvc://<claim>/<model>/${wanted}, the directory of bundle.digest`,
  );
}
