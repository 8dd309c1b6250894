// A watch that goes on: a busy apiserver ends the one of a slow reader.

import type { WatchEvent } from '@sluice/operator/kube/cache/watch-lines.ts';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Resource } from '@sluice/operator/kube/objects.ts';

/** What is watched, and from which version on, until `signal` aborts. */
export type Watched = {
  readonly resource: Resource;
  readonly namespace?: string;
  readonly resourceVersion: string;
  readonly metadataOnly?: boolean;
  readonly signal: AbortSignal;
};

/** Events of objects; a watch that ends is gone on with where it ended. It throws what a watch throws, also when it is aborted. */
export async function* resumedWatch<T extends KubeObject>(
  client: KubeClient,
  { resource, resourceVersion: from, ...watched }: Watched,
): AsyncGenerator<Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>> {
  let resourceVersion = from;
  while (!watched.signal.aborted) {
    for await (const event of client.watch<T>(resource, { ...watched, resourceVersion, timeoutSeconds: 600 })) {
      resourceVersion = event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
      if (event.type !== 'BOOKMARK') yield event;
    }
  }
}
