// The controller of ModelGateways: it makes what leads into their namespaces, and writes their status. The gateway of a
// namespace is made by the gateway's controller.
import type { Expose } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { modelGatewaySpecSchema, modelGatewayStatusSchema } from '@sluice/crds/v1alpha1/model-gateway.ts';
import type { ModelGateway } from '../../core/modelgateway/observed.ts';
import { planModelGateway } from '../../core/modelgateway/plan.ts';
import type { Controller } from '../../kube/controller/controller.ts';
import { type Mapper, toController, toSelf, watch } from '../../kube/controller/watches.ts';
import { type KubeObject, keyOf, type Stored } from '../../kube/objects.ts';
import type { Caches } from '../caches.ts';
import { errorFields } from '../log.ts';
import { toNeighbours } from '../mappers.ts';
import { routedDeployments } from '../observe/gateway.ts';
import { sha256 } from '../observe/model-deployment.ts';
import { observeModelGateway } from '../observe/model-gateway.ts';
import { PendingWarnings } from '../pending-warnings.ts';
import { resources } from '../resources.ts';
import { type ControllerParts, childrenIn, createController, noMeasurements } from './controller-parts.ts';
import { type GatewayKnowledge, isGateway } from './gateway.ts';

type Exposing = KubeObject & { spec?: { expose?: { httpRoute?: Expose['httpRoute'] } } };

/** ModelGateways whose routes are for the Gateway of the Gateway API. */
export const outerGatewayToUsers =
  (caches: Pick<Caches, 'modelGateways'>): Mapper =>
  ({ metadata }) =>
    (caches.modelGateways.all() as Stored<Exposing>[])
      .filter(({ metadata: own, spec }) => {
        const { gatewayName, gatewayNamespace } = spec?.expose?.httpRoute ?? {};
        return gatewayName === metadata.name && (gatewayNamespace ?? own.namespace) === metadata.namespace;
      })
      .map(keyOf);

export function modelGatewayController(parts: ControllerParts, known: GatewayKnowledge): Controller {
  const { gateways, gatewayRefusals } = known;
  const { caches, client, log, settings } = parts;
  const ofGateway = toNeighbours(caches.modelGateways, isGateway);
  const planSettings = { podDefaults: settings.podDefaults, hash: sha256 };
  const warnings = new PendingWarnings({
    client,
    onTrouble: (key, error) =>
      log.write('debug', 'Events of what leads in were not read', { key, ...errorFields(error) }),
  });
  return createController(parts, {
    name: 'modelgateway',
    plumbing: {
      resource: resources.modelGateways,
      store: caches.modelGateways,
      spec: modelGatewaySpecSchema,
      status: modelGatewayStatusSchema,
      children: childrenIn(caches, ['services', 'ingresses', 'httpRoutes']),
      observe: (modelGateway: ModelGateway, signal) =>
        observeModelGateway(caches, warnings, { modelGateway, gateways, signal }),
      plan: (observed, now) => planModelGateway(observed, now, planSettings),
      refusedBesides: ({ metadata: { namespace = '' } }) =>
        routedDeployments(caches, namespace).length === 0 ? [] : gatewayRefusals.of(namespace),
    },
    watches: [
      watch(caches.modelGateways, toSelf),
      watch(caches.services, toController(resources.modelGateways)),
      watch(caches.ingresses, toController(resources.modelGateways)),
      watch(caches.httpRoutes, toController(resources.modelGateways)),
      watch(caches.outerGateways, outerGatewayToUsers(caches)),
      watch(caches.configMaps, ofGateway),
      watch(caches.deployments, ofGateway),
      watch(caches.pods, ofGateway),
      watch(
        caches.modelDeployments,
        toNeighbours(caches.modelGateways, () => true),
      ),
    ],
    measure: noMeasurements,
  });
}
