// What a ModelDeployment or a Deployment of the benchmark must say before the next scene begins.
import type { ModelDeploymentSpec, ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { versionName } from './objects.ts';

type Deployment = KubeObject & { readonly spec?: ModelDeploymentSpec; readonly status?: ModelDeploymentStatus };

/** The version of that number is live, what is said is of this spec, and nothing else is on its way. */
export const isLive =
  (number: number) =>
  (object: KubeObject): boolean => {
    const { metadata, status } = object as Deployment;
    return (
      status?.stable?.version === versionName(metadata.name, number) &&
      status.candidate === undefined &&
      status.observedGeneration === metadata.generation
    );
  };

/** Live, and the revision before has finished its requests and is gone. */
export const isAtRest =
  (number: number) =>
  (object: KubeObject): boolean => {
    const { status } = object as Deployment;
    const conditions = status?.conditions ?? [];
    const is = (type: string) => conditions.some((each) => each.type === type && each.status === 'True');
    return isLive(number)(object) && status?.traffic?.length === 1 && is('Ready') && !is('Reconciling');
  };

type PlainDeployment = KubeObject & {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
};

/** As `kubectl rollout status` says it. */
export function isRolledOut(object: KubeObject): boolean {
  const { metadata, status } = object as PlainDeployment;
  const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status ?? {};
  return (
    observedGeneration === metadata.generation && replicas === 1 && updatedReplicas === 1 && availableReplicas === 1
  );
}
