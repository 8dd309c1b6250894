// The controller of ModelGateways: it makes what leads into their namespaces, and writes their status. The gateway of a
// namespace is made by the gateway's controller.
import { modelGatewaySpecSchema, modelGatewayStatusSchema } from '@sluice/crds/v1alpha1/model-gateway.ts';
import type { ModelGateway } from '../../core/modelgateway/observed.ts';
import { planModelGateway } from '../../core/modelgateway/plan.ts';
import type { Controller } from '../../kube/controller.ts';
import { toController, toSelf, watch } from '../../kube/watches.ts';
import { toNeighbours } from '../mappers.ts';
import { routedDeployments } from '../observe/gateway.ts';
import { observeModelGateway } from '../observe/model-gateway.ts';
import { resources } from '../resources.ts';
import { type ControllerParts, childrenIn, createController, noMeasurements } from './controller-parts.ts';
import { type GatewayKnowledge, isGateway } from './gateway.ts';

export function modelGatewayController(parts: ControllerParts, { gatewayRefusals }: GatewayKnowledge): Controller {
  const { caches, settings } = parts;
  const ofGateway = toNeighbours(caches.modelGateways, isGateway);
  return createController(parts, {
    name: 'modelgateway',
    plumbing: {
      resource: resources.modelGateways,
      store: caches.modelGateways,
      spec: modelGatewaySpecSchema,
      status: modelGatewayStatusSchema,
      children: childrenIn(caches, ['services']),
      observe: (modelGateway: ModelGateway) => observeModelGateway(caches, modelGateway),
      plan: (observed, now) => planModelGateway(observed, now, { podDefaults: settings.podDefaults }),
      refusedBesides: ({ metadata: { namespace = '' } }) =>
        routedDeployments(caches, namespace).length === 0 ? [] : gatewayRefusals.of(namespace),
    },
    watches: [
      watch(caches.modelGateways, toSelf),
      watch(caches.services, toController(resources.modelGateways)),
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
