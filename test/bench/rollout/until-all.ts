// Waits until every one of many objects is as it should be, by one list and a watch that goes on from there.
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Resource } from '@sluice/operator/kube/objects.ts';
import { resumedWatch } from '../control-plane/resumed-watch.ts';

export type Awaited = {
  readonly resource: Resource;
  readonly namespace: string;
  readonly names: readonly string[];
  readonly holds: (object: KubeObject) => boolean;
  readonly report?: (detail: string) => void;
  readonly withinMs?: number;
};

/** @throws Error with the last state of one that is not as it should be when the time is over. */
export async function untilAll(client: KubeClient, awaited: Awaited): Promise<void> {
  const { resource, namespace, names, holds, report = () => {}, withinMs = 300_000 } = awaited;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), withinMs);
  const lacking = new Map<string, KubeObject | undefined>(names.map((name) => [name, undefined]));
  const see = (object: KubeObject) => {
    const { name } = object.metadata;
    if (!lacking.has(name)) return;
    if (holds(object)) lacking.delete(name);
    else lacking.set(name, object);
    report(`${names.length - lacking.size} of ${names.length}`);
    if (lacking.size === 0) stop.abort();
  };
  const { items, resourceVersion } = await client.list(resource, { namespace });
  for (const item of items) see(item);
  try {
    const watched = { resource, namespace, resourceVersion, signal: stop.signal };
    if (lacking.size > 0) for await (const { object } of resumedWatch(client, watched)) see(object);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  const [left] = lacking;
  if (left) throw new Error(`${lacking.size} of ${names.length} did not get there: ${JSON.stringify(left)}`);
}
