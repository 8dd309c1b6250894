// What our pods use locations for: data, a model's storage, and a bundle.
import { paths } from '@sluice/crds/contract.ts';
import { parseBundleUri, type Source, type Storage, sourceLocation, storageLocation } from '@sluice/crds/locations.ts';
import { InvariantError } from '../plan.ts';
import type { Use } from './attach.ts';

/** Mounted as a whole, and read-only by its mount alone: it may lie in the claim that is also written to. */
export const dataUse = (source: Source): Use => ({
  name: 'data',
  location: sourceLocation(source),
  mountPath: paths.data,
  access: 'Read',
});

export function storageUse(storage: Storage, modelName: string): Use {
  const location = storageLocation(storage, modelName);
  return { name: 'storage', location, mountPath: paths.storage, subPath: location.path, access: 'Write' };
}

/** The directory of the model that a bundle lies in. */
export function bundleUse(uri: string): Use {
  const location = parseBundleUri(uri);
  if (location === undefined) throw new InvariantError(`bundle.uri ${uri} names no place; the schema should refuse it`);
  const subPath = location.path.slice(0, location.path.lastIndexOf('/'));
  return { name: 'storage', location, mountPath: paths.storage, subPath, access: 'Read' };
}
