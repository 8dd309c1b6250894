// Everything that the TrainingJob planner is given: from the caches, the progress readings, and one look at a ConfigMap.
import type { ProgressReport } from '@sluice/crds/contract.ts';
import { attemptName } from '../../core/names.ts';
import type { ObservedConfigMap } from '../../core/pods/observed.ts';
import type { ObservedVersion, TrainingJob, TrainingJobObserved } from '../../core/trainingjob/observed.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isNotFound } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { Caches } from '../caches.ts';
import type { PodPoller } from '../measure/pod-poller.ts';
import { claim, jobsOf, versionsOf } from './children.ts';
import { podsOfTrainingJob } from './owned-pods.ts';

/** The user's ConfigMaps are not watched: they are looked at when a job needs one that has not ended. */
async function dataConfigMap(
  client: KubeClient,
  job: TrainingJob,
  signal: AbortSignal,
): Promise<ObservedConfigMap | undefined> {
  const source = job.spec.data.source.configMap;
  const hasEnded = job.status?.completedAt !== undefined;
  if (!source || hasEnded) return undefined;
  try {
    const name = { namespace: job.metadata.namespace, name: source.name };
    const found = await client.get<KubeObject & { data?: object; binaryData?: object }>(RESOURCES.configMaps, name, {
      signal,
    });
    const keys = [...Object.keys(found.data ?? {}), ...Object.keys(found.binaryData ?? {})];
    return { metadata: found.metadata, keys };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export type TrainingJobSources = {
  readonly caches: Caches;
  readonly client: KubeClient;
  readonly progress: PodPoller<ProgressReport>;
};

/** Reads nothing twice and judges nothing. */
export function createTrainingJobObserver({ caches, client, progress }: TrainingJobSources) {
  return async (trainingJob: TrainingJob, signal: AbortSignal): Promise<TrainingJobObserved> => {
    const { metadata, spec, status } = trainingJob;
    const { namespace, name } = metadata;
    const pods = podsOfTrainingJob(caches, metadata);
    const dataClaim = spec.data.source.persistentVolumeClaim;
    return {
      trainingJob,
      jobs: jobsOf(caches, metadata, attemptName(name, status?.attempt ?? 1)),
      pods,
      storageClaim: claim(caches, namespace, spec.storage.persistentVolumeClaim.claimName),
      dataClaim: dataClaim ? claim(caches, namespace, dataClaim.claimName) : undefined,
      dataConfigMap: await dataConfigMap(client, trainingJob, signal),
      versions: versionsOf<ObservedVersion>(caches, namespace, spec.modelName),
      reading: pods.map((pod) => progress.reading(pod.metadata.uid)).find((reading) => reading !== undefined),
    };
  };
}
