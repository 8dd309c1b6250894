// Every controller of the operator, and the measurements that they share.
import type { GatewayState } from '../core/gateway/observed.ts';
import type { Controller } from '../kube/controller.ts';
import { keyOf } from '../kube/objects.ts';
import type { ControllerParts } from './controllers/controller-parts.ts';
import { gatewayController } from './controllers/gateway.ts';
import { modelDeploymentController } from './controllers/model-deployment.ts';
import { modelVersionController } from './controllers/model-version.ts';
import { trainingJobController } from './controllers/training-job.ts';
import { gatewayState } from './measure/gateway-state.ts';
import { PodPoller } from './measure/pod-poller.ts';

export type Controllers = {
  readonly controllers: readonly Controller[];
  /** Ends the measurements that the controllers asked for. */
  close(): Promise<void>;
};

/** Every controller of the operator; none runs before `run` is called. */
export function createControllers(parts: ControllerParts): Controllers {
  const { caches } = parts;
  const gateways = new PodPoller<GatewayState>(gatewayState, (namespace) => {
    gateway.enqueue(namespace);
    for (const deployment of caches.modelDeployments.inNamespace(namespace))
      modelDeployments.enqueue(keyOf(deployment));
  });
  const gateway = gatewayController(parts, gateways);
  const modelDeployments = modelDeploymentController(parts, gateways);
  const trainingJobs = trainingJobController(parts);
  return {
    controllers: [trainingJobs.controller, modelVersionController(parts), modelDeployments, gateway],
    close: async () => {
      await Promise.all([gateways.close(), trainingJobs.close()]);
    },
  };
}
