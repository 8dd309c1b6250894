// Builds the Job of one attempt: one restricted pod that trains, and everything that it is told.
import type { TrainingOrder } from '@sluice/crds/training-order.ts';
import type { TrainingJobSpec } from '@sluice/crds/v1alpha1/training-job.ts';
import { attach } from '../locations/attach.ts';
import { dataUse, storageUse } from '../locations/uses.ts';
import { attemptName, commonLabels, labels } from '../names.ts';
import type { Manifest } from '../plan.ts';
import { oneShotJob } from '../pods/one-shot/job.ts';
import { containerResources, temporarySpace } from '../pods/restricted-pod.ts';
import type { TrainingJob, TrainingJobSettings } from './observed.ts';
import { trainer } from './trainer.ts';

/** Time between SIGTERM and SIGKILL: enough to end a step and to write a checkpoint. */
const terminationGraceSeconds = 60;
const temporarySize = '2Gi';

/** The Job of attempt `attempt`. Retries are ours, so that each class of failure has its budget. */
export function attemptJob({ metadata, spec }: TrainingJob, attempt: number, settings: TrainingJobSettings): Manifest {
  const { name, namespace, uid } = metadata;
  return oneShotJob({
    wishes: { defaults: settings.podDefaults, metadata: spec.podMetadata },
    user: settings.podUser,
    name: attemptName(name, attempt),
    namespace,
    labels: {
      ...commonLabels('trainer'),
      [labels.trainingJob]: name,
      [labels.trainingJobUid]: uid,
      [labels.attempt]: String(attempt),
    },
    container: {
      name: trainer.container,
      image: settings.trainerImage,
      imagePullPolicy: settings.imagePullPolicy,
      resources: resources(spec.resources),
    },
    order: trainingOrder({ metadata, spec }, attempt),
    volumes: [
      ...attach([dataUse(spec.data.source), storageUse(spec.storage, spec.modelName)]),
      temporarySpace(temporarySize),
    ],
    scheduling: spec.scheduling,
    graceSeconds: terminationGraceSeconds,
  });
}

/**
 * What the trainer of an attempt is told: the spec with every default, but for the annotations that are on its pod beside
 * the order.
 */
export const trainingOrder = (
  { metadata: { namespace, name, uid }, spec: { podMetadata: _, ...spec } }: Pick<TrainingJob, 'metadata' | 'spec'>,
  attempt: number,
): TrainingOrder => ({ spec, owner: { namespace, name, uid }, attempt });

/** Devices must be request and limit. */
function resources({ gpu, ...asked }: TrainingJobSpec['resources']) {
  const devices = gpu === undefined ? {} : { [gpu.resourceName]: String(gpu.count) };
  const { requests, limits } = containerResources(asked);
  return { requests: { ...requests, ...devices }, limits: { ...limits, ...devices } };
}
