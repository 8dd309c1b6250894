// One controller per kind: which changes wake it, what it observes, which planner decides.
import type { ProgressReport } from '@sluice/crds/contract.ts';
import { modelVersionSpecSchema } from '@sluice/crds/v1alpha1/model-version.ts';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import type { ModelVersion } from '../core/modelversion/observed.ts';
import { planModelVersion } from '../core/modelversion/plan.ts';
import { labels } from '../core/names.ts';
import type { MeasureRequest } from '../core/plan.ts';
import type { TrainingJob } from '../core/trainingjob/observed.ts';
import { planTrainingJob } from '../core/trainingjob/plan.ts';
import type { KubeClient } from '../kube/client.ts';
import { Controller } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Instruments } from '../kube/instruments.ts';
import type { KubeObject } from '../kube/objects.ts';
import { toController, toSelf, type Watch, watch } from '../kube/watches.ts';
import type { CacheName, Caches } from './caches.ts';
import { errorFields, type Log } from './log.ts';
import { toLabelled, toReferrers } from './mappers.ts';
import { PodPoller } from './measure/pod-poller.ts';
import { trainingProgress } from './measure/training-progress.ts';
import { observeModelVersion } from './observe/model-version.ts';
import { createTrainingJobObserver } from './observe/training-job.ts';
import { resources } from './resources.ts';
import { createRound, type KindPlumbing } from './round.ts';
import type { Settings } from './settings.ts';

export type ControllerParts = {
  readonly settings: Settings;
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly instruments: Instruments;
  readonly log: Log;
};

type KindController<Spec, Status, Observed> = {
  readonly name: string;
  readonly plumbing: KindPlumbing<Spec, Status, Observed>;
  readonly watches: readonly Watch[];
  measure(key: string, requests: readonly MeasureRequest[]): void;
};

const workersPerKind = 8;

export function createController<Spec, Status extends object, Observed>(
  { client, events, instruments, log }: ControllerParts,
  { name, plumbing, watches, measure }: KindController<Spec, Status, Observed>,
): Controller {
  return new Controller({
    name,
    watches,
    workers: workersPerKind,
    reconcile: createRound(plumbing, { client, events, instruments, measure }),
    instruments,
    onFailure: ({ key, kind, error }) => {
      const level = kind === 'conflict' ? 'debug' : 'warn';
      log.write(level, `${name} reconcile failed: ${kind}`, { key, ...errorFields(error) });
    },
  });
}

/** Caches that hold the children of a kind, as the round wants them. */
export const childrenIn = (caches: Caches, names: readonly CacheName[]) =>
  names.map((name) => ({ resource: resources[name], store: caches[name] }));

const noMeasurements = () => {};

/** True when a TrainingJob names the claim as storage or as data. */
function usesClaim(job: KubeObject, claim: KubeObject): boolean {
  const { spec } = job as KubeObject & Partial<Pick<TrainingJob, 'spec'>>;
  const named = [spec?.storage.persistentVolumeClaim.claimName, spec?.data.source.persistentVolumeClaim?.claimName];
  return named.includes(claim.metadata.name);
}

function trainingJobController(parts: ControllerParts): Controller {
  const { caches, client, settings } = parts;
  const progress = new PodPoller<ProgressReport>(trainingProgress, (key) => controller.enqueue(key));
  const observe = createTrainingJobObserver({ caches, client, progress });
  const planSettings = { trainerImage: settings.images.trainer, imagePullPolicy: settings.imagePullPolicy };
  const controller: Controller = createController(parts, {
    name: 'trainingjob',
    plumbing: {
      resource: resources.trainingJobs,
      store: caches.trainingJobs,
      spec: trainingJobSpecSchema,
      children: childrenIn(caches, ['jobs', 'modelVersions']),
      observe,
      plan: (observed, now) => planTrainingJob(observed, now, planSettings),
    },
    watches: [
      watch(caches.trainingJobs, toSelf),
      watch(caches.jobs, toController(resources.trainingJobs)),
      watch(caches.pods, toLabelled(labels.trainingJob)),
      watch(caches.persistentVolumeClaims, toReferrers(caches.trainingJobs, usesClaim)),
    ],
    measure: (key, requests) =>
      progress.want(
        key,
        requests.filter((request) => request.type === 'TrainingProgress'),
      ),
  });
  return controller;
}

function modelVersionController(parts: ControllerParts): Controller {
  const { caches, settings } = parts;
  const planSettings = { serverImage: settings.images.server, imagePullPolicy: settings.imagePullPolicy };
  return createController(parts, {
    name: 'modelversion',
    plumbing: {
      resource: resources.modelVersions,
      store: caches.modelVersions,
      spec: modelVersionSpecSchema,
      children: childrenIn(caches, ['jobs']),
      observe: (modelVersion: ModelVersion) => observeModelVersion(caches, modelVersion),
      plan: (observed, now) => planModelVersion(observed, now, planSettings),
    },
    watches: [
      watch(caches.modelVersions, toSelf),
      watch(caches.jobs, toController(resources.modelVersions)),
      watch(caches.pods, toLabelled(labels.modelVersion)),
    ],
    measure: noMeasurements,
  });
}

/** Every controller of the operator; none runs before `run` is called. */
export function createControllers(parts: ControllerParts): Controller[] {
  return [trainingJobController(parts), modelVersionController(parts)];
}
