// Tokens of pods, from a real apiserver: what the kubelet asks for and mounts.
import type { KubeObject, Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { objectPath, RESOURCES } from '@sluice/operator/kube/resources.ts';
import type { Transport } from '@sluice/operator/kube/transport/transport.ts';
import type { Cluster } from '../kube/cluster.ts';

type TokenRequest = { readonly status: { readonly token: string } };

const account = 'default';

/** @param pod whose it is; of no pod when absent. */
export async function podToken(
  transport: Pick<Transport, 'request'>,
  { namespace, pod, audience }: { readonly namespace: string; readonly pod?: Stored; readonly audience: string },
): Promise<string> {
  const boundObjectRef = pod && { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid };
  const spec = { audiences: [audience], expirationSeconds: 3600, boundObjectRef };
  const answer = await transport.request({
    method: 'POST',
    path: `${objectPath(RESOURCES.serviceAccounts, { namespace, name: account })}/token`,
    deadline: 'write',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec },
  });
  return (answer as TokenRequest).status.token;
}

/** A pod that nobody runs, and the ServiceAccount that it has. */
export async function createPod({ client, namespace }: Pick<Cluster, 'client' | 'namespace'>, name: string) {
  const create = (resource: Resource, object: KubeObject) => client.apply(resource, object);
  const metadata = { name: account, namespace };
  await create(RESOURCES.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  const spec = { serviceAccountName: account, containers: [{ name: 'envoy', image: 'envoy:1' }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec };
  return create(RESOURCES.pods, pod);
}
