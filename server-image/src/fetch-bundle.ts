// Copies the bundle out of the storage, every byte verified, or says why it must not be served.
import { basename, join } from 'node:path';
import type { BundleRejection } from '@sluice/crds/contract.ts';
import { cutEnd, headOf, printable } from '@sluice/crds/text.ts';
import { BundleError } from '@sluice/model/bundle-error.ts';
import { copyBundle } from '@sluice/model/bundle-files.ts';
import { bundleDirectory } from '@sluice/model/manifest.ts';

const maxMessageLength = 1024;

export type FetchPlan = {
  /** `pvc://<claim>/<modelName>/sha256-<hex>`; its last segment is the directory below `storageDirectory`. */
  readonly uri: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
  readonly storageDirectory: string;
  readonly modelDirectory: string;
};

/**
 * Fills `modelDirectory`. Returns why the bundle is refused, or null when it is in place and verified. Anything that is
 * not the bundle's fault (no space left, an I/O error) is thrown, so that the kubelet tries again.
 */
export async function fetchBundle(plan: FetchPlan): Promise<BundleRejection | null> {
  try {
    const from = join(plan.storageDirectory, directoryOf(plan));
    await copyBundle({ from, to: plan.modelDirectory, digest: plan.digest });
    return null;
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    return { reason: error.reason, message: cutEnd(printable(error.message), maxMessageLength) };
  }
}

/** The uri's last segment, which must be the directory of the digest: nothing else is ever read from the storage. */
function directoryOf({ uri, digest }: FetchPlan): string {
  const directory = basename(uri);
  const wanted = bundleDirectory(digest);
  if (uri.startsWith('pvc://') && directory === wanted) return directory;
  throw new BundleError(
    'BundleMissing',
    `bundle.uri ${headOf(uri, 300)} must be pvc://<claim>/<model>/${wanted}, the directory of bundle.digest`,
  );
}
