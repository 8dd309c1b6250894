// Makes many objects at once and watches until each has a pod and has finished.
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { inParallel } from '../../in-parallel.ts';
import { resumedWatch, type Watched } from './resumed-watch.ts';

/** Moments of one object, in milliseconds of `performance.now()`. */
export type Life = { createdAtMs: number; podAtMs: number | undefined; finishedAtMs: number | undefined };

export type CrowdRequest = {
  readonly client: KubeClient;
  readonly resource: Resource;
  readonly objects: readonly KubeObject[];
  readonly namespace: string;
  /** Name of the object that a pod belongs to. */
  readonly ownerOfPod: (pod: KubeObject) => string | undefined;
  readonly isFinished: (object: KubeObject) => boolean;
  readonly report: (detail: string) => void;
};

/** Requests under way at once while the crowd is made: as many as a machine's tools would use. */
const creators = 16;
const deadlineMs = 300_000;

/** Resolves to the life of each object once all have finished. @throws Error after five minutes, with how many are left. */
export async function playCrowd(request: CrowdRequest): Promise<readonly Life[]> {
  const { client, resource, objects, namespace } = request;
  const lives = new Map(objects.map(({ metadata }) => [metadata.name, newLife()]));
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), deadlineMs);
  let finished = 0;
  let withPod = 0;
  /** The two watches are told independently: the last news may be that of a pod. */
  const endWhenAllIsSeen = () => {
    if (finished === lives.size && withPod === lives.size) stop.abort();
  };
  const podLife = (pod: Stored) => {
    const life = lives.get(request.ownerOfPod(pod) ?? '');
    if (!life || life.podAtMs !== undefined) return;
    life.podAtMs = performance.now();
    withPod += 1;
    endWhenAllIsSeen();
  };
  const ownLife = (object: Stored) => {
    const life = lives.get(object.metadata.name);
    if (!life || life.finishedAtMs !== undefined || !request.isFinished(object)) return;
    life.finishedAtMs = performance.now();
    finished += 1;
    request.report(`${finished} of ${lives.size} have finished`);
    endWhenAllIsSeen();
  };
  const { resourceVersion } = await client.list(resource, { namespace, limit: 1 });
  const watching = Promise.all([
    follow(client, { resource, namespace, resourceVersion, signal: stop.signal }, ownLife),
    follow(client, { resource: RESOURCES.pods, namespace, resourceVersion, signal: stop.signal }, podLife),
  ]);
  await inParallel(objects, creators, async (object) => {
    const life = lives.get(object.metadata.name);
    if (life) life.createdAtMs = performance.now();
    await client.create(resource, object);
  });
  await watching;
  clearTimeout(timer);
  const missing = lives.size - Math.min(finished, withPod);
  if (missing > 0) throw new Error(`${missing} of ${lives.size} ${resource.plural} did not finish, or had no pod.`);
  return [...lives.values()];
}

const newLife = (): Life => ({ createdAtMs: Number.NaN, podAtMs: undefined, finishedAtMs: undefined });

/** Pods are watched by their metadata: when they come is all that is asked of them. */
async function follow(client: KubeClient, watched: Watched, see: (object: Stored) => void): Promise<void> {
  const metadataOnly = watched.resource === RESOURCES.pods;
  try {
    for await (const { object } of resumedWatch(client, { ...watched, metadataOnly })) see(object);
  } catch (error) {
    if (!watched.signal.aborted) throw error;
  }
}
