// The controller of ModelVersions.
import { modelVersionSpecSchema, modelVersionStatusSchema } from '@sluice/crds/v1alpha1/model-version.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { planModelVersion } from '../../core/modelversion/plan.ts';
import { labels } from '../../core/names.ts';
import type { Controller } from '../../kube/controller/controller.ts';
import { type Mapper, toController, toSelf, watch } from '../../kube/controller/watches.ts';
import { type KubeObject, nameKey } from '../../kube/objects.ts';
import { claimIndex } from '../caches.ts';
import { toLabelled, toReferrers } from '../mappers.ts';
import { createModelVersionObserver } from '../observe/model-version.ts';
import { resources } from '../resources.ts';
import { type ControllerParts, childrenIn, createController, noMeasurements } from './controller-parts.ts';

/** The version that a TrainingJob says it published. */
const toPublished: Mapper = (job) => {
  const { metadata, status } = job as KubeObject & { status?: Pick<TrainingJobStatus, 'modelVersion'> };
  const name = status?.modelVersion;
  return name === undefined ? [] : [nameKey({ namespace: metadata.namespace, name })];
};

export function modelVersionController(parts: ControllerParts): Controller {
  const { caches, client, settings } = parts;
  const { images, imagePullPolicy, podDefaults, podUser } = settings;
  const planSettings = { serverImage: images.server, imagePullPolicy, podDefaults, podUser };
  return createController(parts, {
    name: 'modelversion',
    plumbing: {
      resource: resources.modelVersions,
      store: caches.modelVersions,
      spec: modelVersionSpecSchema,
      status: modelVersionStatusSchema,
      children: childrenIn(caches, ['jobs', 'configMaps']),
      observe: createModelVersionObserver(caches, client),
      plan: (observed, now) => planModelVersion(observed, now, planSettings),
    },
    watches: [
      watch(caches.modelVersions, toSelf),
      watch(caches.trainingJobs, toPublished),
      watch(caches.jobs, toController(resources.modelVersions)),
      watch(caches.pods, toLabelled(labels.modelVersion)),
      watch(caches.persistentVolumeClaims, toReferrers(caches.modelVersions, claimIndex)),
    ],
    measure: noMeasurements,
  });
}
