// Connects a test to the shared apiserver, in a namespace of its own.
import { randomBytes } from 'node:crypto';
import { type ClusterAccess, loadClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { createTransport, type Transport } from '@sluice/operator/kube/transport/transport.ts';

/** A connection for one test file. */
export interface Cluster {
  readonly access: ClusterAccess;
  readonly transport: Transport;
  readonly client: KubeClient;
  readonly namespace: string;
  /** Makes another one and resolves to its name. */
  createNamespace(): Promise<string>;
  close(): Promise<void>;
}

/** A ConfigMap. */
export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

/** Connects, to the shared apiserver if to no other, and makes the namespace. */
export async function connect(kubeconfig = process.env['SLUICE_TEST_KUBECONFIG']): Promise<Cluster> {
  const access = await loadClusterAccess({ kubeconfig });
  const transport = createTransport(access, { userAgent: 'kube-runtime-test' });
  const client = new KubeClient(transport, { fieldManager: 'test' });
  const createNamespace = async (): Promise<string> => {
    const metadata = { name: `kube-${randomBytes(4).toString('hex')}` };
    await client.create(RESOURCES.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
    return metadata.name;
  };
  const namespace = await createNamespace();
  return { access, transport, client, namespace, createNamespace, close: () => transport.close() };
}

/** A ConfigMap to be written. */
export function configMap(namespace: string, name: string, data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

/** Creates a ConfigMap that serves as an owner. */
export function createOwner(cluster: Cluster, name: string): Promise<Stored> {
  return cluster.client.create(RESOURCES.configMaps, configMap(cluster.namespace, name, {}));
}
