// Everything that the ModelGateway planner is given.
import type { Balanced } from '../../core/modelgateway/address.ts';
import type { ModelGateway, ModelGatewayObserved } from '../../core/modelgateway/observed.ts';
import { gatewayName } from '../../core/names.ts';
import type { Caches } from '../caches.ts';
import { gatewayDeploymentOf } from './children.ts';
import { routedDeployments } from './gateway.ts';
import { gatewayPodsOf } from './owned-pods.ts';

/** The Service that leads to the front. */
function frontServiceOf(caches: Caches, { metadata }: ModelGateway): Balanced | undefined {
  const found: unknown = caches.services.ownedBy(metadata).find(({ metadata: { name } }) => name === gatewayName);
  return found as Balanced | undefined;
}

export function observeModelGateway(caches: Caches, modelGateway: ModelGateway): ModelGatewayObserved {
  const { namespace } = modelGateway.metadata;
  return {
    modelGateway,
    isUsed: routedDeployments(caches, namespace).length > 0,
    deployment: gatewayDeploymentOf(caches, namespace),
    pods: gatewayPodsOf(caches, namespace),
    wayIn: { service: frontServiceOf(caches, modelGateway) },
  };
}
