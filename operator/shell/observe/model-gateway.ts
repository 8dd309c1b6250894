// Everything that the ModelGateway planner is given.
import type { ModelGateway, ModelGatewayObserved } from '../../core/modelgateway/observed.ts';
import type { Caches } from '../caches.ts';
import { gatewayDeploymentOf } from './children.ts';
import { routedDeployments } from './gateway.ts';
import { gatewayPodsOf } from './owned-pods.ts';

export function observeModelGateway(caches: Caches, modelGateway: ModelGateway): ModelGatewayObserved {
  const { namespace } = modelGateway.metadata;
  return {
    modelGateway,
    isUsed: routedDeployments(caches, namespace).length > 0,
    deployment: gatewayDeploymentOf(caches, namespace),
    pods: gatewayPodsOf(caches, namespace),
  };
}
