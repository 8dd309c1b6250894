// What a person does with kubectl in a namespace where the operator works.
import type { KubeObject, Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import type { Cluster } from '../kube/cluster.ts';

/** Kinds of what the operator makes and changes. */
const changeable = [resources.deployments, resources.services, resources.podDisruptionBudgets, resources.configMaps];

/** Somebody with every right in the namespace. */
export class Person {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  apply(resource: Resource, manifest: KubeObject): Promise<Stored> {
    const { client, namespace } = this.#cluster;
    return client.apply(resource, { ...manifest, metadata: { ...manifest.metadata, namespace } });
  }

  get<Found extends KubeObject>(resource: Resource, name: string): Promise<Stored<Found>> {
    const { client, namespace } = this.#cluster;
    return client.get<Found>(resource, { name, namespace });
  }

  patch({ group, version, plural }: Resource, { metadata }: Stored, body: object): Promise<unknown> {
    const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    return this.#cluster.transport.request({
      method: 'PATCH',
      path: `${base}/namespaces/${this.#cluster.namespace}/${plural}/${metadata.name}`,
      query: { fieldManager: 'person' },
      contentType: 'application/merge-patch+json',
      body,
      deadline: 'write',
    });
  }

  /** Says what a kubelet or a controller that is not there would say. */
  report(resource: Resource, { apiVersion, kind, metadata }: Stored, status: object): Promise<Stored> {
    const { name, namespace, uid } = metadata;
    const own = { apiVersion, kind, metadata: { name, ...(namespace && { namespace }), uid } };
    return this.#cluster.client.applyStatus(resource, { ...own, status } as never);
  }

  /** What the operator has made and may change. */
  async made(): Promise<{ readonly resource: Resource; readonly object: Stored }[]> {
    const { client, namespace } = this.#cluster;
    const lists = changeable.map(async (resource) => {
      const { items } = await client.list(resource, { namespace });
      return items.map((object) => ({ resource, object }));
    });
    const all = (await Promise.all(lists)).flat();
    return all.filter(({ object }) => object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'sluice');
  }
}
