// Every controller of the operator, and the measurements that they share.
import type { GatewayState } from '../core/gateway/observed.ts';
import type { Obstacle } from '../kube/apply/apply-round.ts';
import { OwnWrites } from '../kube/apply/own-writes.ts';
import { RefusedChildren } from '../kube/apply/refused-children.ts';
import type { Controller } from '../kube/controller/controller.ts';
import { keyOf } from '../kube/objects.ts';
import { listCaches } from './caches.ts';
import type { ControllerParts } from './controllers/controller-parts.ts';
import { gatewayController } from './controllers/gateway.ts';
import { modelDeploymentController } from './controllers/model-deployment.ts';
import { modelGatewayController } from './controllers/model-gateway.ts';
import { modelVersionController } from './controllers/model-version.ts';
import { trainingJobController } from './controllers/training-job.ts';
import { concernedBy, refusesOther } from './gateway-news.ts';
import { GatewayRefusals } from './gateway-refusals.ts';
import { errorFields } from './log.ts';
import { gatewayState } from './measure/gateway-state.ts';
import { PodPoller } from './measure/pod-poller.ts';
import { routingTableOf } from './observe/children.ts';
import { readingsOf } from './observe/model-deployment.ts';
import { gatewayPodsOf } from './observe/owned-pods.ts';
import { RefusedPods } from './refused-pods.ts';

export type Controllers = {
  readonly controllers: readonly Controller[];
  /** What the gateway pods of a namespace said last. */
  gatewayStates(namespace: string): readonly GatewayState[];
  /** Ends the measurements that the controllers asked for. */
  close(): Promise<void>;
};

/** Every controller of the operator; none runs before `run` is called. */
export function createControllers(given: Omit<ControllerParts, 'ownWrites' | 'refused' | 'refusedPods'>): Controllers {
  const { caches, client, log } = given;
  const ownWrites = new OwnWrites({
    client,
    caches: listCaches(caches),
    onTrouble: (error) => log.write('warn', 'an object was not read for a cache that is behind', errorFields(error)),
  });
  const refusedPods = new RefusedPods({
    client,
    caches,
    onTrouble: (job, error) =>
      log.write('debug', 'why a Job has no pod could not be read', { key: job, ...errorFields(error) }),
  });
  const parts = { ...given, ownWrites, refused: new RefusedChildren<Obstacle>(), refusedPods };
  const gateways = new PodPoller<GatewayState>(gatewayState, (namespace, change) => {
    const deployments = caches.modelDeployments.inNamespace(namespace);
    const concerned = concernedBy(change, { deployments, table: routingTableOf(caches, namespace) });
    if (concerned.gateway) gateway.enqueue(namespace);
    if (refusesOther(change))
      for (const each of caches.modelGateways.inNamespace(namespace)) modelGateways.enqueue(keyOf(each));
    for (const deployment of concerned.deployments) modelDeployments.controller.enqueue(keyOf(deployment));
  });
  const gatewayRefusals = new GatewayRefusals((namespace) => {
    for (const each of caches.modelDeployments.inNamespace(namespace)) modelDeployments.controller.enqueue(keyOf(each));
    for (const each of caches.modelGateways.inNamespace(namespace)) modelGateways.enqueue(keyOf(each));
  });
  const known = { gateways, gatewayRefusals };
  const gateway = gatewayController(parts, known);
  parts.identity.onChange(() => {
    for (const { metadata } of caches.modelDeployments.all()) gateway.enqueue(metadata.namespace ?? '');
  });
  const modelGateways = modelGatewayController(parts, known);
  const modelDeployments = modelDeploymentController(parts, known);
  const trainingJobs = trainingJobController(parts);
  return {
    controllers: [
      trainingJobs.controller,
      modelVersionController(parts),
      modelDeployments.controller,
      modelGateways,
      gateway,
    ],
    gatewayStates: (namespace) => readingsOf(gatewayPodsOf(caches, namespace), gateways).map(({ report }) => report),
    close: async () => {
      ownWrites.close();
      await Promise.all([gateways.close(), modelDeployments.close(), trainingJobs.close()]);
    },
  };
}
