// One controller per kind: which changes wake it, what it observes, which planner decides.
import type { ProgressReport } from '@sluice/crds/contract.ts';
import { modelDeploymentSpecSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { modelVersionSpecSchema } from '@sluice/crds/v1alpha1/model-version.ts';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { gatewayLabels } from '../core/gateway/children.ts';
import type { GatewayState } from '../core/gateway/observed.ts';
import type { ModelDeployment } from '../core/modeldeployment/observed.ts';
import { planModelDeployment } from '../core/modeldeployment/plan.ts';
import type { ModelVersion } from '../core/modelversion/observed.ts';
import { planModelVersion } from '../core/modelversion/plan.ts';
import { labels } from '../core/names.ts';
import type { MeasureRequest } from '../core/plan.ts';
import type { TrainingJob } from '../core/trainingjob/observed.ts';
import { planTrainingJob } from '../core/trainingjob/plan.ts';
import type { KubeClient } from '../kube/client.ts';
import { Controller, type Failure } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Instruments } from '../kube/instruments.ts';
import { type KubeObject, keyOf } from '../kube/objects.ts';
import { type Mapper, toController, toSelf, type Watch, watch } from '../kube/watches.ts';
import type { CacheName, Caches } from './caches.ts';
import { createGatewayRound } from './gateway-round.ts';
import { errorFields, type Log } from './log.ts';
import { toLabelled, toNamespace, toReferrers } from './mappers.ts';
import { gatewayState } from './measure/gateway-state.ts';
import { PodPoller } from './measure/pod-poller.ts';
import { trainingProgress } from './measure/training-progress.ts';
import { observeModelDeployment, sha256 } from './observe/model-deployment.ts';
import { observeModelVersion } from './observe/model-version.ts';
import { createTrainingJobObserver } from './observe/training-job.ts';
import { resources } from './resources.ts';
import { type AnyStatus, createRound, type KindPlumbing } from './round.ts';
import type { Settings } from './settings.ts';

export type ControllerParts = {
  readonly settings: Settings;
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly instruments: Instruments;
  readonly log: Log;
};

type KindController<Spec, Status extends AnyStatus, Observed> = {
  readonly name: string;
  readonly plumbing: KindPlumbing<Spec, Status, Observed>;
  readonly watches: readonly Watch[];
  measure(key: string, requests: readonly MeasureRequest[]): void;
};

const workersPerKind = 8;

/** A conflict only means that the cache was behind. */
const failureLog =
  (log: Log, name: string) =>
  ({ key, kind, error }: Failure): void => {
    const level = kind === 'conflict' ? 'debug' : 'warn';
    log.write(level, `${name} reconcile failed: ${kind}`, { key, ...errorFields(error) });
  };

function createController<Spec, Status extends AnyStatus, Observed>(
  { client, events, instruments, log }: ControllerParts,
  { name, plumbing, watches, measure }: KindController<Spec, Status, Observed>,
): Controller {
  return new Controller({
    name,
    watches,
    workers: workersPerKind,
    reconcile: createRound(plumbing, { client, events, instruments, measure }),
    instruments,
    onFailure: failureLog(log, name),
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

function trainingJobController(parts: ControllerParts): {
  controller: Controller;
  progress: PodPoller<ProgressReport>;
} {
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
  return { controller, progress };
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

/** A ModelDeployment serves versions of one model. */
function servesModel(deployment: KubeObject, version: KubeObject): boolean {
  const { spec } = deployment as KubeObject & Partial<Pick<ModelDeployment, 'spec'>>;
  const changed = version as KubeObject & Partial<Pick<ModelVersion, 'spec'>>;
  return spec !== undefined && spec.model.name === changed.spec?.modelName;
}

const isGateway = ({ metadata }: KubeObject) => metadata.labels?.[labels.component] === gatewayLabels[labels.component];

/** What the gateway consists of concerns every ModelDeployment of its namespace. */
const gatewayToDeployments = (caches: Caches) =>
  toReferrers(caches.modelDeployments, (_deployment, changed) => isGateway(changed));

function modelDeploymentController(parts: ControllerParts, gateways: PodPoller<GatewayState>): Controller {
  const { caches, settings } = parts;
  const planSettings = {
    serverImage: settings.images.server,
    trainerImage: settings.images.trainer,
    imagePullPolicy: settings.imagePullPolicy,
    hash: sha256,
  };
  return createController(parts, {
    name: 'modeldeployment',
    plumbing: {
      resource: resources.modelDeployments,
      store: caches.modelDeployments,
      spec: modelDeploymentSpecSchema,
      children: childrenIn(caches, ['controllerRevisions', 'deployments', 'services', 'podDisruptionBudgets', 'jobs']),
      observe: (deployment: ModelDeployment) => observeModelDeployment(caches, gateways, deployment),
      plan: (observed, now) => planModelDeployment(observed, now, planSettings),
    },
    watches: [
      watch(caches.modelDeployments, toSelf),
      watch(caches.deployments, toController(resources.modelDeployments)),
      watch(caches.services, toController(resources.modelDeployments)),
      watch(caches.controllerRevisions, toController(resources.modelDeployments)),
      watch(caches.jobs, toController(resources.modelDeployments)),
      watch(caches.podDisruptionBudgets, toController(resources.modelDeployments)),
      watch(caches.pods, toLabelled(labels.modelDeployment)),
      watch(caches.pods, gatewayToDeployments(caches)),
      watch(caches.configMaps, gatewayToDeployments(caches)),
      watch(caches.modelVersions, toReferrers(caches.modelDeployments, servesModel)),
    ],
    measure: noMeasurements,
  });
}

function gatewayController(parts: ControllerParts, gateways: PodPoller<GatewayState>): Controller {
  const { caches, instruments } = parts;
  const measure = (namespace: string, requests: readonly MeasureRequest[]) =>
    gateways.want(
      namespace,
      requests.filter((request) => request.type === 'GatewayState'),
    );
  const ofGateway: Mapper = (object) => (isGateway(object) ? toNamespace(object) : []);
  return new Controller({
    name: 'gateway',
    watches: [
      watch(caches.modelDeployments, toNamespace),
      watch(caches.pods, ofGateway),
      watch(caches.configMaps, ofGateway),
      watch(caches.deployments, ofGateway),
      watch(caches.podDisruptionBudgets, ofGateway),
    ],
    reconcile: createGatewayRound({ ...parts, gateways, measure }),
    instruments,
    onFailure: failureLog(parts.log, 'gateway'),
  });
}

export type Controllers = {
  readonly controllers: readonly Controller[];
  /** Ends the measurements that the controllers asked for. */
  close(): Promise<void>;
};

/** Every controller of the operator; none runs before `run` is called. */
export function createControllers(parts: ControllerParts): Controllers {
  const { caches } = parts;
  const gateways = new PodPoller<GatewayState>(gatewayState, (namespace) => {
    gateway.enqueue(namespace);
    for (const deployment of caches.modelDeployments.inNamespace(namespace))
      modelDeployments.enqueue(keyOf(deployment));
  });
  const gateway = gatewayController(parts, gateways);
  const modelDeployments = modelDeploymentController(parts, gateways);
  const { controller: trainingJobs, progress } = trainingJobController(parts);
  return {
    controllers: [trainingJobs, modelVersionController(parts), modelDeployments, gateway],
    close: async () => {
      await Promise.all([gateways.close(), progress.close()]);
    },
  };
}
