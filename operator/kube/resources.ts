// The built-in kinds that a controller commonly watches or writes, and how their URLs are built.
import { apiVersionOf, type ObjectName, type Resource } from './objects.ts';

function builtIn(group: string, kind: string, plural: string): Resource {
  return { group, version: 'v1', plural, kind, namespaced: true };
}

/** Built-in kinds by plural name. */
export const RESOURCES = {
  configMaps: builtIn('', 'ConfigMap', 'configmaps'),
  controllerRevisions: builtIn('apps', 'ControllerRevision', 'controllerrevisions'),
  deployments: builtIn('apps', 'Deployment', 'deployments'),
  events: builtIn('events.k8s.io', 'Event', 'events'),
  ingresses: builtIn('networking.k8s.io', 'Ingress', 'ingresses'),
  jobs: builtIn('batch', 'Job', 'jobs'),
  leases: builtIn('coordination.k8s.io', 'Lease', 'leases'),
  namespaces: { ...builtIn('', 'Namespace', 'namespaces'), namespaced: false },
  nodes: { ...builtIn('', 'Node', 'nodes'), namespaced: false },
  persistentVolumeClaims: builtIn('', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  podDisruptionBudgets: builtIn('policy', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  pods: builtIn('', 'Pod', 'pods'),
  replicaSets: builtIn('apps', 'ReplicaSet', 'replicasets'),
  serviceAccounts: builtIn('', 'ServiceAccount', 'serviceaccounts'),
  secrets: builtIn('', 'Secret', 'secrets'),
  services: builtIn('', 'Service', 'services'),
} as const satisfies Record<string, Resource>;

/** Path of a collection: of one namespace, or of all when `namespace` is absent. */
export function collectionPath(resource: Resource, namespace?: string | undefined): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.plural}`;
}

/** Path of one object, or of a subresource of it. */
export function objectPath(resource: Resource, object: ObjectName, subresource?: 'status'): string {
  const path = `${collectionPath(resource, object.namespace)}/${encodeURIComponent(object.name)}`;
  return subresource ? `${path}/${subresource}` : path;
}
