// Everything that the TrainingJob planner is given: from the caches, the progress readings, and looks at locations.
import type { ProgressReport } from '@sluice/crds/contract.ts';
import { type Location, sourceLocation, storageLocation } from '@sluice/crds/locations.ts';
import { attemptName } from '../../core/names.ts';
import type { ObservedVersion, TrainingJob, TrainingJobObserved } from '../../core/trainingjob/observed.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Caches } from '../caches.ts';
import type { PodPoller } from '../measure/pod-poller.ts';
import { jobsOf, numbersOf, versionsOf } from './children.ts';
import { findAt } from './locations.ts';
import { podsOfTrainingJob } from './owned-pods.ts';

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
    const find = (location: Location) => findAt({ caches, client, signal }, namespace, location);
    // What an ended job read is not looked at any more.
    const hasEnded = status?.completedAt !== undefined;
    return {
      trainingJob,
      jobs: jobsOf(caches, metadata, attemptName(name, status?.attempt ?? 1)),
      pods,
      storage: await find(storageLocation(spec.storage, spec.modelName)),
      data: hasEnded ? {} : await find(sourceLocation(spec.data.source)),
      versions: versionsOf<ObservedVersion>(caches, namespace, spec.modelName),
      numbers: numbersOf(caches, namespace, spec.modelName),
      reading: pods.map((pod) => progress.reading(pod.metadata.uid)).find((reading) => reading !== undefined),
    };
  };
}
