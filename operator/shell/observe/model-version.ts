// Everything that the ModelVersion planner is given: from the caches, and a look at where its bundle lies.
import { parseBundleUri } from '@sluice/crds/locations.ts';
import type { ModelVersion, ModelVersionObserved } from '../../core/modelversion/observed.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Caches } from '../caches.ts';
import { jobsOf } from './children.ts';
import { findAt } from './locations.ts';
import { podsOfJobs } from './owned-pods.ts';

export function createModelVersionObserver(caches: Caches, client: KubeClient) {
  return async (modelVersion: ModelVersion, signal: AbortSignal): Promise<ModelVersionObserved> => {
    const { metadata, spec } = modelVersion;
    const location = parseBundleUri(spec.bundle.uri);
    return {
      modelVersion,
      jobs: jobsOf(caches, metadata),
      pods: podsOfJobs(caches, metadata),
      storage: location === undefined ? {} : await findAt({ caches, client, signal }, metadata.namespace, location),
    };
  };
}
