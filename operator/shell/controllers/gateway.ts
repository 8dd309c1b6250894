// The controller of gateways: one for each namespace that has ModelDeployments.
import { gatewayLabels } from '../../core/gateway/children.ts';
import type { GatewayState } from '../../core/gateway/observed.ts';
import { labels } from '../../core/names.ts';
import type { MeasureRequest } from '../../core/plan.ts';
import { Controller } from '../../kube/controller/controller.ts';
import { type Mapper, watch } from '../../kube/controller/watches.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { GatewayRefusals } from '../gateway-refusals.ts';
import { createGatewayRound } from '../gateway-round.ts';
import { toNamespace } from '../mappers.ts';
import type { PodPoller } from '../measure/pod-poller.ts';
import { type ControllerParts, failureLog } from './controller-parts.ts';

/** What is known of gateways without being written down. */
export type GatewayKnowledge = {
  readonly gateways: PodPoller<GatewayState>;
  readonly gatewayRefusals: GatewayRefusals;
};

/** What a gateway consists of carries its label. */
export const isGateway = ({ metadata }: KubeObject) =>
  metadata.labels?.[labels.component] === gatewayLabels[labels.component];

export function gatewayController(parts: ControllerParts, { gateways, gatewayRefusals }: GatewayKnowledge): Controller {
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
      watch(caches.modelGateways, toNamespace),
      watch(caches.pods, ofGateway),
      watch(caches.replicaSets, ofGateway),
      watch(caches.configMaps, ofGateway),
      watch(caches.deployments, ofGateway),
      watch(caches.podDisruptionBudgets, ofGateway),
    ],
    reconcile: createGatewayRound({ ...parts, gateways, gatewayRefusals, measure }),
    instruments,
    onFailure: failureLog(parts.log, 'gateway'),
  });
}
