// The controller of ModelDeployments.
import { modelDeploymentSpecSchema, modelDeploymentStatusSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { routesName } from '../../core/gateway/children.ts';
import type { ModelDeployment } from '../../core/modeldeployment/observed.ts';
import { planModelDeployment } from '../../core/modeldeployment/plan.ts';
import { sharesInForce } from '../../core/modeldeployment/rollout/in-force.ts';
import type { ModelVersion } from '../../core/modelversion/observed.ts';
import { labels } from '../../core/names.ts';
import type { Controller } from '../../kube/controller/controller.ts';
import { type ChangeMapper, type Mapper, toController, toSelf, watch } from '../../kube/controller/watches.ts';
import { type KubeObject, keyOf, nameKey } from '../../kube/objects.ts';
import { type Caches, claimIndex, modelIndex } from '../caches.ts';
import { concernedByTable } from '../gateway-news.ts';
import { toLabelled, toNeighbours, toReferrers } from '../mappers.ts';
import { SinceWhen } from '../measure/since-when.ts';
import { routingTableIn } from '../observe/children.ts';
import { observeModelDeployment, readingsOf, sha256 } from '../observe/model-deployment.ts';
import { gatewayPodsOf } from '../observe/owned-pods.ts';
import { resources } from '../resources.ts';
import { StatusBudget } from '../status-budget.ts';
import { type ControllerParts, childrenIn, createController, noMeasurements } from './controller-parts.ts';
import { type GatewayKnowledge, isGateway } from './gateway.ts';

/** A ModelDeployment serves versions of one model. */
const modelOf = (version: KubeObject): string | undefined =>
  (version as KubeObject & Partial<Pick<ModelVersion, 'spec'>>).spec?.modelName;

/** What the gateway consists of concerns every ModelDeployment of its namespace. */
const gatewayToDeployments = (caches: Caches) => toNeighbours(caches.modelDeployments, isGateway);

/** What changes in the routing table concerns some of them; a table that comes or goes concerns all. */
const tableToDeployments =
  (caches: Caches, { gateways }: GatewayKnowledge): ChangeMapper =>
  (change) => {
    if (change.type !== 'updated' || change.object.metadata.name !== routesName) {
      return gatewayToDeployments(caches)(change.object);
    }
    const { namespace = '' } = change.object.metadata;
    const tables = { before: routingTableIn(change.previous), after: routingTableIn(change.object) };
    const reports = readingsOf(gatewayPodsOf(caches, namespace), gateways).map(({ report }) => report);
    return concernedByTable(tables, caches.modelDeployments.inNamespace(namespace), reports).map(keyOf);
  };

/** ModelDeployments whose pods mount the claim, or whose model has a bundle in it. */
export const claimToDeployments =
  (caches: Caches): Mapper =>
  ({ metadata }) => {
    const key = nameKey(metadata);
    const mounting = caches.deployments.indexed(claimIndex, key).flatMap(toController(resources.modelDeployments));
    const models = new Set(caches.modelVersions.indexed(claimIndex, key).flatMap((version) => modelOf(version) ?? []));
    const serving = [...models].flatMap((name) =>
      caches.modelDeployments.indexed(modelIndex, nameKey({ ...metadata, name })).map(keyOf),
    );
    return [...new Set([...mounting, ...serving])];
  };

/** The controller; `close` ends the turns of statuses that wait. */
export function modelDeploymentController(
  parts: ControllerParts,
  { gateways, gatewayRefusals }: GatewayKnowledge,
): { readonly controller: Controller; close(): Promise<void> } {
  const { caches, settings } = parts;
  const budget = new StatusBudget({ onTurn: (key) => controller.enqueue(key) });
  const since = new SinceWhen();
  caches.modelDeployments.subscribe(({ type, object }) => {
    if (type === 'deleted') since.forget(keyOf(object));
  });
  const planSettings = {
    serverImage: settings.images.server,
    trainerImage: settings.images.trainer,
    imagePullPolicy: settings.imagePullPolicy,
    podDefaults: settings.podDefaults,
    podUser: settings.podUser,
    hash: sha256,
  };
  const controller: Controller = createController(parts, {
    name: 'modeldeployment',
    plumbing: {
      resource: resources.modelDeployments,
      store: caches.modelDeployments,
      spec: modelDeploymentSpecSchema,
      status: modelDeploymentStatusSchema,
      children: childrenIn(caches, ['controllerRevisions', 'deployments', 'services', 'podDisruptionBudgets', 'jobs']),
      observe: (deployment: ModelDeployment) => observeModelDeployment(caches, gateways, deployment),
      plan: (observed, now) => {
        const inForce = sharesInForce(observed, now);
        const inForceSince = since.note(keyOf(observed.modelDeployment), inForce, now);
        return planModelDeployment({ ...observed, inForceSince }, now, planSettings);
      },
      refusedBesides: ({ metadata }) => gatewayRefusals.of(metadata.namespace ?? ''),
      budget,
    },
    watches: [
      watch(caches.modelDeployments, toSelf),
      watch(caches.deployments, toController(resources.modelDeployments)),
      watch(caches.services, toController(resources.modelDeployments)),
      watch(caches.controllerRevisions, toController(resources.modelDeployments)),
      watch(caches.jobs, toController(resources.modelDeployments)),
      watch(caches.podDisruptionBudgets, toController(resources.modelDeployments)),
      watch(caches.persistentVolumeClaims, claimToDeployments(caches)),
      watch(caches.pods, toLabelled(labels.modelDeployment)),
      watch(caches.replicaSets, toLabelled(labels.modelDeployment)),
      watch(caches.pods, gatewayToDeployments(caches)),
      watch(caches.configMaps, gatewayToDeployments(caches), tableToDeployments(caches, { gateways, gatewayRefusals })),
      watch(
        caches.modelGateways,
        toNeighbours(caches.modelDeployments, () => true),
      ),
      watch(caches.deployments, gatewayToDeployments(caches)),
      watch(caches.modelVersions, toReferrers(caches.modelDeployments, modelIndex, modelOf)),
    ],
    measure: noMeasurements,
  });
  return { controller, close: async () => budget.close() };
}
