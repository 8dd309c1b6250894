// Says what a person does about an error of the volume or of the node's disk: no fault of the bundle.
import { NoRoomError } from '@sluice/model/bundle-reading.ts';
import { codeOf } from '@sluice/model/error-code.ts';

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: "the node's disk is full: free or enlarge it",
  EDQUOT: "the quota of the node's disk is spent: raise it",
  EROFS: 'the place of the copy is read-only: look at the node',
  EACCES:
    "the pod's user may not read the bundle: make its files readable, or use a storage class that applies fsGroup",
  EPERM: "the pod's user may not read the bundle: make its files readable, or use a storage class that applies fsGroup",
  EUCLEAN: 'a file system is damaged: repair the volume of the claim',
  ENOTCONN: "the claim's volume went away: check the network storage",
  EIO: "the claim's volume or the node's disk reports an I/O error: check them",
  ESTALE: "the claim's volume went away: check the network storage",
  ETIMEDOUT: "the claim's volume does not answer: check the network storage",
};

/** @returns undefined for an error of another kind. */
export function storageTrouble(error: unknown): string | undefined {
  if (error instanceof NoRoomError) return error.message;
  const remedy = remedies[codeOf(error)];
  return remedy === undefined ? undefined : `${codeOf(error)}: ${remedy}`;
}
