// Decides the failure class of an error that the training process caught: by what it is, never by where it came from.
import { types } from 'node:util';
import type { FailureClass } from '@sluice/crds/contract.ts';
import { cutEnd, printable } from '@sluice/crds/text.ts';
import { DataError } from '@sluice/model/data-error.ts';
import { codeOf } from '@sluice/model/error-code.ts';
import { ArchitectureError, DivergedError } from '../fitting/engine.ts';
import { NativeMissingError } from '../fitting/tensorflow.ts';

/** No GPU works in this pod and `spec.resources.gpu.fallback` forbids the CPU. */
export class NoAcceleratorError extends Error {
  override readonly name = 'NoAcceleratorError';
}

/** A failure as the termination message carries it. */
export type ClassifiedFailure = { readonly class: FailureClass; readonly message: string };

const messageMaxLength = 200;

/** What to do about a file system error of the storage. */
const storageRemedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the volume is full: free space in the claim of spec.storage or enlarge it',
  EDQUOT: 'the quota is spent: free space in the claim of spec.storage or enlarge it',
  EROFS: 'the volume is read-only: use a claim of spec.storage that can be written',
  EACCES: "the pod's user may not write: use a storage class that applies fsGroup",
  EPERM: "the pod's user may not write: use a storage class that applies fsGroup",
  EUCLEAN: 'the file system of the volume is damaged: repair it',
  ENOTCONN: 'the volume went away: check the network storage',
  EIO: 'the volume reports an I/O error: check its node and disk',
  ESTALE: 'the volume went away: check the network storage',
  ETIMEDOUT: 'the volume does not answer: check the network storage',
};

const outOfMemory = /OOM when allocating|Array buffer allocation failed|ResourceExhausted/i;

type Check = (error: Error) => ClassifiedFailure | null;

const byType: Check = (error) => {
  if (error instanceof DataError) return { class: 'Data', message: error.message };
  if (error instanceof DivergedError) return { class: 'Diverged', message: error.message };
  if (error instanceof NoAcceleratorError) return { class: 'NoAccelerator', message: error.message };
  if (error instanceof ArchitectureError) return { class: 'UserCode', message: error.message };
  if (error instanceof NativeMissingError) return { class: 'Internal', message: error.message };
  return null;
};

const byMemory: Check = (error) =>
  outOfMemory.test(error.message)
    ? { class: 'OutOfMemory', message: `Raise spec.resources.memory or lower batchSize. (${error.message})` }
    : null;

const byStorage: Check = (error) => {
  const code = codeOf(error);
  const remedy = storageRemedies[code];
  return remedy === undefined ? null : { class: 'Infrastructure', message: `${code}: ${remedy}.` };
};

const anythingElse: Check = (error) => ({ class: 'Internal', message: `${error.name}: ${error.message}` });

const checks: readonly Check[] = [byType, byMemory, byStorage, anythingElse];

/** Class and message (with the remedy, at most 200 characters) of an error. */
export function classifyError(thrown: unknown): ClassifiedFailure {
  const error = types.isNativeError(thrown) ? thrown : new Error(String(thrown));
  for (const check of checks) {
    const failure = check(error);
    if (failure !== null) return { ...failure, message: cutEnd(printable(failure.message), messageMaxLength) };
  }
  throw new Error('The last check accepts everything.', { cause: thrown });
}
