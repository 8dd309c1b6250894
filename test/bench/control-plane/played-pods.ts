// Plays pods without kwok and without nodes: each runs and ends well. For samples that must not compile anything.
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import type { NodesActor } from './place.ts';
import { resumedWatch } from './resumed-watch.ts';
import { trainingResult } from './stages.ts';

type Pod = KubeObject & {
  readonly spec?: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
  readonly status?: { readonly phase?: string };
};

/** Pods run for `runMs` milliseconds. */
export const playedPods =
  (runMs: number): NodesActor =>
  async (_apiserver, client) => {
    const stop = new AbortController();
    const timers = new Set<NodeJS.Timeout>();
    const play = async (pod: Stored<Pod>) => {
      const startedAt = new Date().toISOString();
      await tell(client, pod, { phase: 'Running', state: { running: { startedAt } }, startedAt });
      const timer = setTimeout(() => {
        timers.delete(timer);
        const finishedAt = new Date().toISOString();
        const message = JSON.stringify(trainingResult);
        const ended = { terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt, message } };
        void tell(client, pod, { phase: 'Succeeded', state: ended, startedAt }).catch(fail);
      }, runMs);
      timers.add(timer);
    };
    let failure: unknown;
    const fail = (error: unknown) => {
      if (!stop.signal.aborted) failure ??= error;
    };
    const playing = follow(client, stop.signal, (pod) => void play(pod).catch(fail)).catch(fail);
    return {
      stop: async () => {
        stop.abort();
        for (const timer of timers) clearTimeout(timer);
        await playing;
        if (failure !== undefined) throw new Error('A pod could not be played.', { cause: failure });
      },
    };
  };

async function follow(client: KubeClient, signal: AbortSignal, see: (pod: Stored<Pod>) => void): Promise<void> {
  const { resourceVersion } = await client.list(RESOURCES.pods);
  const watched = { resource: RESOURCES.pods, resourceVersion, signal };
  for await (const { type, object } of resumedWatch<Pod>(client, watched)) if (type === 'ADDED') see(object);
}

type Told = { readonly phase: string; readonly state: object; readonly startedAt: string };

async function tell(client: KubeClient, pod: Stored<Pod>, { phase, state, startedAt }: Told): Promise<void> {
  const containers = pod.spec?.containers ?? [];
  const containerStatuses = containers.map(({ name, image }) => ({
    name,
    image,
    imageID: '',
    ready: phase === 'Running',
    restartCount: 0,
    state,
  }));
  const { name, namespace, uid } = pod.metadata;
  const status = { phase, startTime: startedAt, containerStatuses };
  await client.applyStatus(RESOURCES.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid },
    status,
  });
}
