// Everything that the ModelVersion planner is given: from the caches, and a look at where its bundle lies.
import { parseBundleUri } from '@sluice/crds/locations.ts';
import type { ModelVersion, ModelVersionObserved, PublishingJob } from '../../core/modelversion/observed.ts';
import type { KubeClient } from '../../kube/client.ts';
import { nameKey } from '../../kube/objects.ts';
import type { Caches } from '../caches.ts';
import { jobsOf, numbersOf } from './children.ts';
import { findAt } from './locations.ts';
import { podsOfJobs } from './owned-pods.ts';

function publishingJob(caches: Caches, { metadata, spec }: ModelVersion): PublishingJob | undefined {
  const { trainingJob } = spec.lineage;
  if (trainingJob === undefined) return undefined;
  const found: unknown = caches.trainingJobs.get(nameKey({ namespace: metadata.namespace, name: trainingJob.name }));
  return found as PublishingJob | undefined;
}

export function createModelVersionObserver(caches: Caches, client: KubeClient) {
  return async (modelVersion: ModelVersion, signal: AbortSignal): Promise<ModelVersionObserved> => {
    const { metadata, spec } = modelVersion;
    const location = parseBundleUri(spec.bundle.uri);
    const storage =
      location === undefined ? {} : await findAt({ caches, client, signal }, metadata.namespace, location);
    return {
      modelVersion,
      jobs: jobsOf(caches, metadata),
      pods: podsOfJobs(caches, metadata),
      trainingJob: publishingJob(caches, modelVersion),
      numbers: numbersOf(caches, metadata.namespace, spec.modelName),
      storage,
    };
  };
}
