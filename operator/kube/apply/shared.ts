// Writes an object that belongs to nobody and that several write: over the version that was read, and over no other.

import type { KubeClient } from '../client.ts';
import { ApiError, isAlreadyExists } from '../errors.ts';
import type { Stored } from '../objects.ts';
import type { Desired } from './apply-plan.ts';

/**
 * Writes it over the version that its `uid` and `resourceVersion` name, or creates it when they name none.
 * @returns the object as it is then; undefined when its name belongs to something else.
 * @throws ApiError 409 when somebody else has written it since it was read.
 */
export async function writeShared(
  client: KubeClient,
  { resource, object, isShared }: Desired,
  signal: AbortSignal | undefined,
): Promise<Stored | undefined> {
  if (object.metadata.resourceVersion !== undefined) return client.apply(resource, object, { signal });
  try {
    return await client.create(resource, object, { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const found = await client.find(resource, object.metadata, { signal });
  if (found !== undefined && !isShared?.(found)) return undefined;
  const message = `${resource.kind} ${object.metadata.name} was made since it was looked for`;
  throw new ApiError({ status: 409, reason: 'Conflict', message });
}
