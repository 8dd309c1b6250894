// Everything that the ModelGateway planner is given.
import type { GatewayState } from '../../core/gateway/observed.ts';
import { isReady } from '../../core/gateway/plan.ts';
import type { ModelGateway, ModelGatewayObserved } from '../../core/modelgateway/observed.ts';
import type { Caches } from '../caches.ts';
import type { PodPoller } from '../measure/pod-poller.ts';
import type { PendingWarnings } from '../pending-warnings.ts';
import { gatewayDeploymentOf, routingTableOf } from './children.ts';
import { routedDeployments } from './gateway.ts';
import { readingsOf } from './model-deployment.ts';
import { gatewayPodsOf } from './owned-pods.ts';
import { observeWayIn } from './way-in.ts';

export async function observeModelGateway(
  caches: Caches,
  warnings: Pick<PendingWarnings, 'of'>,
  given: {
    readonly modelGateway: ModelGateway;
    readonly gateways: PodPoller<GatewayState>;
    readonly signal: AbortSignal;
  },
): Promise<ModelGatewayObserved> {
  const { modelGateway, gateways } = given;
  const { namespace } = modelGateway.metadata;
  const pods = gatewayPodsOf(caches, namespace);
  return {
    modelGateway,
    isUsed: routedDeployments(caches, namespace).length > 0,
    deployment: gatewayDeploymentOf(caches, namespace),
    pods,
    refusals: readingsOf(pods.filter(isReady), gateways).map(({ report }) => report.refusals),
    places: routingTableOf(caches, namespace)?.routes.flatMap(({ place }) => place ?? []) ?? [],
    wayIn: await observeWayIn(caches, warnings, given),
  };
}
