// Everything that the ModelGateway planner is given.
import type { ModelGateway, ModelGatewayObserved } from '../../core/modelgateway/observed.ts';
import type { Caches } from '../caches.ts';
import type { PendingWarnings } from '../pending-warnings.ts';
import { gatewayDeploymentOf, routingTableOf } from './children.ts';
import { routedDeployments } from './gateway.ts';
import { gatewayPodsOf } from './owned-pods.ts';
import { observeWayIn } from './way-in.ts';

export async function observeModelGateway(
  caches: Caches,
  warnings: Pick<PendingWarnings, 'of'>,
  given: { readonly modelGateway: ModelGateway; readonly signal: AbortSignal },
): Promise<ModelGatewayObserved> {
  const { modelGateway } = given;
  const { namespace } = modelGateway.metadata;
  return {
    modelGateway,
    isUsed: routedDeployments(caches, namespace).length > 0,
    deployment: gatewayDeploymentOf(caches, namespace),
    pods: gatewayPodsOf(caches, namespace),
    places: routingTableOf(caches, namespace)?.routes.flatMap(({ place }) => place ?? []) ?? [],
    wayIn: await observeWayIn(caches, warnings, given),
  };
}
