// Everything that the ModelVersion planner is given, from the caches.
import type { ModelVersion, ModelVersionObserved } from '../../core/modelversion/observed.ts';
import type { Caches } from '../caches.ts';
import { claim, jobsOf } from './children.ts';
import { podsOfJobs } from './owned-pods.ts';

/** The claim of `pvc://<claim>/<modelName>/sha256-<hex>`. */
const claimOf = (uri: string) => uri.split('/')[2] ?? '';

export function observeModelVersion(caches: Caches, modelVersion: ModelVersion): ModelVersionObserved {
  const { metadata, spec } = modelVersion;
  return {
    modelVersion,
    jobs: jobsOf(caches, metadata),
    pods: podsOfJobs(caches, metadata),
    claim: claim(caches, metadata.namespace, claimOf(spec.bundle.uri)),
  };
}
