// Everything that the gateway planner is given for one namespace, from the caches and the gateways' readings.
import { longestRequestSeconds } from '@sluice/crds/contract.ts';
import type { ModelDeploymentSpec, ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { GatewayObserved, GatewayState } from '../../core/gateway/observed.ts';
import type { RouteRequest } from '../../core/gateway/routes.ts';
import type { ObservedRevision } from '../../core/modeldeployment/observed.ts';
import { revisionName } from '../../core/names.ts';
import { type KubeObject, nameKey } from '../../kube/objects.ts';
import type { Caches } from '../caches.ts';
import type { PodPoller } from '../measure/pod-poller.ts';
import { gatewayPodsOf, routingTableOf } from './children.ts';
import { readingsOf } from './model-deployment.ts';

type Deployment = KubeObject & { spec?: ModelDeploymentSpec; status?: ModelDeploymentStatus };

/** The ModelDeployments of a namespace that are to be routed. */
export const routedDeployments = (caches: Caches, namespace: string) =>
  caches.modelDeployments.inNamespace(namespace).filter(({ metadata }) => metadata.deletionTimestamp === undefined);

function routeRequest(caches: Caches, { metadata, status }: Deployment): RouteRequest {
  const { name, namespace } = metadata;
  // The longest while a revision's own is not known.
  const timeoutOf = (revision: string): number => {
    const found: unknown = caches.controllerRevisions.get(nameKey({ namespace, name: revisionName(name, revision) }));
    return (found as ObservedRevision | undefined)?.data.settings.requestTimeoutSeconds ?? longestRequestSeconds;
  };
  const backends = (status?.traffic ?? []).map(({ revision, wantedPercent }) => ({
    revision,
    percent: wantedPercent,
    requestTimeoutSeconds: timeoutOf(revision),
  }));
  return { deployment: name, port: status?.gateway?.port, backends };
}

export function observeGateway(caches: Caches, gateways: PodPoller<GatewayState>, namespace: string): GatewayObserved {
  const pods = gatewayPodsOf(caches, namespace);
  return {
    namespace,
    requests: routedDeployments(caches, namespace).map((deployment) => routeRequest(caches, deployment)),
    table: routingTableOf(caches, namespace),
    pods,
    readings: readingsOf(pods, gateways),
  };
}
