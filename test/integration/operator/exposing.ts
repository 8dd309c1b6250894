// What tests of the way into a namespace do and look at, on the shared apiserver.
import type { KubeObject, Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { resources } from '@sluice/operator/shell/resources.ts';
import { changed, minimal } from '../crds/manifests.ts';
import type { Cluster } from '../kube/cluster.ts';

/** An object of any kind. */
export type Loose = Stored & { spec?: Record<string, unknown>; status?: Record<string, unknown> };

/** In the namespace of one test. */
export class Exposing {
  readonly cluster: Cluster;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  /** Applies the smallest manifest of the kind with these changes. */
  write(resource: Resource, kind: string, changes = {}): Promise<Stored> {
    const manifest = changed(minimal[kind] as never, { 'metadata.namespace': this.cluster.namespace, ...changes });
    return this.cluster.client.apply(resource, manifest);
  }

  /** Makes the ModelGateway ask for this. */
  expose(value: object | undefined): Promise<Stored> {
    return this.write(resources.modelGateways, 'ModelGateway', { 'spec.expose': value });
  }

  read(resource: Resource, name: string): Promise<Loose | undefined> {
    return this.cluster.client.find<Loose>(resource, { name, namespace: this.cluster.namespace });
  }

  /** Status of the ModelGateway. */
  async gateway(): Promise<Record<string, unknown> | undefined> {
    return (await this.read(resources.modelGateways, 'default'))?.status;
  }

  /** Status of the ModelDeployment. */
  async deployment(): Promise<Record<string, unknown> | undefined> {
    return (await this.read(resources.modelDeployments, 'digits'))?.status;
  }

  /** Writes a status as somebody else's controller does. */
  async say(resource: Resource, name: string, status: object): Promise<void> {
    const { apiVersion, kind, metadata } = (await this.read(resource, name)) as Loose & KubeObject;
    const { namespace, uid } = metadata;
    await this.cluster.client.applyStatus(resource, { apiVersion, kind, metadata: { name, namespace, uid }, status });
  }
}
