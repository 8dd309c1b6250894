// Writes the status of an object, over the version that was seen and over no other.
import type { KubeClient } from '../client.ts';
import type { Resource, Stored } from '../objects.ts';
import { asStored } from '../transport/wire-json.ts';
import { isSame } from './subset.ts';

/** The whole status of an object as it should be, and the object as the cache has it. */
export interface StatusRequest {
  readonly resource: Resource;
  readonly live: Stored & { readonly status?: unknown };
  readonly status: object;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes the status unless it is already that. The write names the UID and the resource version that were seen: a
 * decision made on an old view ends in 409 and is made again on a newer one.
 * @returns the object as it is then; undefined when nothing was written.
 */
export async function applyStatusIfChanged(client: KubeClient, request: StatusRequest): Promise<Stored | undefined> {
  const { resource, live, signal } = request;
  if (isSame(request.status, live.status)) return undefined;
  const status = asStored(request.status);
  if (isSame(status, live.status)) return undefined;
  const { name, namespace, uid, resourceVersion } = live.metadata;
  const metadata = { name, namespace, uid, resourceVersion };
  return client.applyStatus(resource, { apiVersion: live.apiVersion, kind: live.kind, metadata, status }, { signal });
}
