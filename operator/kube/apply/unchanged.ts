// Whether an object is still as a decision saw it, by a read of the apiserver.
import type { KubeClient } from '../client.ts';
import { ApiError } from '../errors.ts';
import type { Resource, Stored } from '../objects.ts';

/** What was decided on is no longer so: the round is made again. */
export const conflict = (message: string) => new ApiError({ status: 409, reason: 'Conflict', message });

/** An object as a decision saw it. */
export interface SeenObject {
  readonly resource: Resource;
  readonly seen: Stored;
  readonly signal?: AbortSignal | undefined;
}

/** One read. @throws ApiError 409 when the object has changed since it was seen, or is gone. */
export async function confirmUnchanged(client: KubeClient, { resource, seen, signal }: SeenObject): Promise<void> {
  const { name, uid, resourceVersion } = seen.metadata;
  const current = await client.find(resource, seen.metadata, { signal });
  if (current?.metadata.uid === uid && current.metadata.resourceVersion === resourceVersion) return;
  throw conflict(`${seen.kind} ${name} has changed since it was read`);
}
