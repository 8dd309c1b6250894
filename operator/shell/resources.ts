// The kinds that the operator reads and writes, and how a manifest finds its REST resource.
import { group, version } from '@sluice/crds/kind.ts';
import { modelDeployment } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { modelGateway } from '@sluice/crds/v1alpha1/model-gateway.ts';
import { modelVersion } from '@sluice/crds/v1alpha1/model-version.ts';
import { trainingJob } from '@sluice/crds/v1alpha1/training-job.ts';
import { gatewayApi } from '../core/modelgateway/http-route.ts';
import { InvariantError, type Manifest } from '../core/plan.ts';
import { apiVersionOf, type Resource } from '../kube/objects.ts';
import { RESOURCES } from '../kube/resources.ts';

const own = ({ kind, plural }: { kind: string; plural: string }): Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced: true,
});

/** Of the Gateway API, which a cluster may not have. */
const outer = (kind: string, plural: string): Resource => ({
  group: gatewayApi,
  version: 'v1',
  plural,
  kind,
  namespaced: true,
});

export const resources = {
  trainingJobs: own(trainingJob),
  modelVersions: own(modelVersion),
  modelDeployments: own(modelDeployment),
  modelGateways: own(modelGateway),
  jobs: RESOURCES.jobs,
  pods: RESOURCES.pods,
  replicaSets: RESOURCES.replicaSets,
  deployments: RESOURCES.deployments,
  services: RESOURCES.services,
  configMaps: RESOURCES.configMaps,
  controllerRevisions: RESOURCES.controllerRevisions,
  podDisruptionBudgets: RESOURCES.podDisruptionBudgets,
  persistentVolumeClaims: RESOURCES.persistentVolumeClaims,
  ingresses: RESOURCES.ingresses,
  httpRoutes: outer('HTTPRoute', 'httproutes'),
  outerGateways: outer('Gateway', 'gateways'),
} as const satisfies Record<string, Resource>;

const byKind = new Map(
  Object.values(resources).map((resource) => [`${apiVersionOf(resource)} ${resource.kind}`, resource]),
);

/** @throws InvariantError for a kind that no planner may write. */
export function resourceOf(manifest: Manifest): Resource {
  const resource = byKind.get(`${manifest.apiVersion} ${manifest.kind}`);
  if (!resource) throw new InvariantError(`no resource is known for ${manifest.apiVersion} ${manifest.kind}`);
  return resource;
}
