// What a pod needs to copy a bundle to its node: what the program that copies is told, and room on the node's disk.
import { env, paths } from '@sluice/crds/contract.ts';
import type { Mounted } from '../pods/mounted.ts';

export type Bundle = {
  readonly uri: string;
  readonly digest: string;
  /** Size of its files; absent where an imported version does not say. */
  readonly bytes?: number | undefined;
};

const mebibyte = 1024 ** 2;
/** Room that every bundle gets. */
const leastMebibytes = 2048;
/** What platforms give to a pod that asks for no ephemeral storage is at least this much. */
const unaskedMebibytes = 512;
/** Beside the copy: the manifest and scratch space; and logs, which count as the pod's as well. */
const besideMebibytes = { copy: 64, pod: 320 } as const;

/** In blocks of a file system files take more than their bytes. */
const copyMebibytes = (bytes: number) => Math.ceil((bytes * 17) / 16 / mebibyte) + besideMebibytes.copy;

/** As the apiserver writes it. */
const quantityOf = (mebibytes: number) => (mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`);

/** Whether a bundle needs more than the room that earlier releases gave to every copy. */
export const outgrowsLeast = ({ bytes }: Pick<Bundle, 'bytes'>): boolean =>
  bytes !== undefined && copyMebibytes(bytes) > leastMebibytes;

/** What the program that copies or verifies a bundle is told. */
export const bundleVariables = ({ uri, digest, bytes }: Bundle): Record<string, string> => ({
  [env.bundleUri]: uri,
  [env.bundleDigest]: digest,
  ...(bytes === undefined ? {} : { [env.bundleBytes]: String(bytes) }),
});

/** The place of the copy. Where the size is not known only the node's disk limits it: a limit would be a guess. */
export function copySpace({ bytes }: Pick<Bundle, 'bytes'>): Mounted {
  const emptyDir = bytes === undefined ? {} : { sizeLimit: quantityOf(Math.max(leastMebibytes, copyMebibytes(bytes))) };
  return { volume: { name: 'model', emptyDir }, mount: { name: 'model', mountPath: paths.model } };
}

/**
 * Ephemeral storage that the containers of the pod ask for, as request and limit: for large bundles, so that neither a
 * default of the platform evicts them nor a node without room is chosen. Small ones ask for nothing: a node that does not
 * count its storage takes no pod that does.
 */
export function ephemeralStorage({ bytes }: Pick<Bundle, 'bytes'>): { readonly 'ephemeral-storage'?: string } {
  if (bytes === undefined || copyMebibytes(bytes) <= unaskedMebibytes) return {};
  return { 'ephemeral-storage': quantityOf(copyMebibytes(bytes) + besideMebibytes.pod) };
}
