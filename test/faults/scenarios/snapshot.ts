// Our objects of a namespace as they are at a moment, and questions about them.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { ModelVersionStatus } from '@sluice/crds/v1alpha1/model-version.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Stored } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';

type With<Status> = KubeObject & { readonly status?: Partial<Status> };
type ByName<Status> = ReadonlyMap<string, Stored<With<Status>>>;

/** The three kinds, each by name. */
export interface Snapshot {
  readonly trainingJobs: ByName<TrainingJobStatus>;
  readonly modelVersions: ByName<ModelVersionStatus>;
  readonly modelDeployments: ByName<ModelDeploymentStatus>;
}

/** Reads all three kinds. @throws ApiError, NetworkError when the apiserver is away. */
export async function takeSnapshot(client: KubeClient, namespace: string): Promise<Snapshot> {
  const byName = async <Status>(resource: (typeof resources)['trainingJobs']): Promise<ByName<Status>> => {
    const { items } = await client.list<With<Status>>(resource, { namespace });
    return new Map(items.map((item) => [item.metadata.name, item]));
  };
  const [trainingJobs, modelVersions, modelDeployments] = await Promise.all([
    byName<TrainingJobStatus>(resources.trainingJobs),
    byName<ModelVersionStatus>(resources.modelVersions),
    byName<ModelDeploymentStatus>(resources.modelDeployments),
  ]);
  return { trainingJobs, modelVersions, modelDeployments };
}

/** Whether a condition of an object is True, and is about the spec that it has now. */
export function isTrue(object: Stored<With<ModelVersionStatus>> | undefined, type: string): boolean {
  const condition = object?.status?.conditions?.find((each) => each.type === type);
  return condition?.status === 'True' && condition.observedGeneration === object?.metadata.generation;
}

/** Whether the version has all requests, every gateway knows it, and nothing is on its way. */
export function isLive({ modelDeployments }: Snapshot, name: string, version: string): boolean {
  const { stable, candidate, traffic = [] } = modelDeployments.get(name)?.status ?? {};
  const isAlone = traffic.length === 1 && traffic[0]?.version === version && traffic[0].verifiedPercent === 100;
  return (
    stable?.version === version && candidate === undefined && isAlone && isTrue(modelDeployments.get(name), 'Ready')
  );
}

/** Whether the version is remembered as refused. */
export const isRejected = ({ modelDeployments }: Snapshot, name: string, version: string): boolean =>
  modelDeployments.get(name)?.status?.rejected?.some((each) => each.version === version) === true;

/** Whether some requests are wanted to go to the version. */
export const hasShare = (deployment: Stored<With<ModelDeploymentStatus>> | undefined, version: string): boolean =>
  deployment?.status?.traffic?.some((share) => share.version === version && share.wantedPercent > 0) === true;
