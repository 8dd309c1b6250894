// Pods that are played by this process: those of gateways, because the operator reads of them what they have counted, and in
// a sample that must not compile kwok all others, too.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gatewayLabels } from '@sluice/operator/core/gateway/children.ts';
import { labels } from '@sluice/operator/core/names.ts';
import { loadClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import type { KubeObject, Resource } from '@sluice/operator/kube/objects.ts';
import { createTransport } from '@sluice/operator/kube/transport/transport.ts';
import type { PlayedHop } from '../../faults/world/played-hop.ts';
import { PlayedNode } from '../../faults/world/played-node.ts';
import { playedNodeName } from '../../faults/world/played-pod.ts';
import type { Apiserver } from '../../integration/apiserver.ts';
import { allRolloutNamespaces } from './objects.ts';
import { addressInCluster } from './pod-addresses.ts';

export type PlayedPods = {
  /** From now on pods are played, and gateways ask the operator that answers there. */
  begin(xdsAddress: string, hop: PlayedHop): void;
  stop(): Promise<void>;
};

/** Nobody asks the models anything: a gateway that counts requests has its figures written every few seconds besides. */
const quiet = { qualities: {}, outOfMemory: [], workMs: 0, requestsPerSecond: 0, addressInCluster };

/** By which an operator finds these pods. */
export const podNetworkFlag = `--import=${pathToFileURL(join(import.meta.dirname, 'pod-network.ts'))}`;

export const isGateway = ({ metadata }: KubeObject) =>
  metadata.labels?.[labels.component] === gatewayLabels[labels.component];

const nodes: Resource = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };

/** Without it the pods on it are collected after a minute as those of a node that is gone. Nobody else's come there. */
const playedNode = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: playedNodeName },
  spec: { unschedulable: true },
} as KubeObject;

/** @param plays which of the pods. */
export async function playPods(
  { kubeconfigPath }: Apiserver,
  plays: (pod: KubeObject) => boolean,
): Promise<PlayedPods> {
  const access = await loadClusterAccess({ kubeconfig: kubeconfigPath });
  const transport = createTransport(access, { userAgent: 'sluice-bench-pods', connections: 8 });
  const client = new KubeClient(transport, { fieldManager: 'bench' });
  await client.apply(nodes, playedNode);
  const node = new PlayedNode({ client, transport, plays });
  const life = new AbortController();
  const playing = node.run(life.signal);
  return {
    begin: (xdsAddress, hop) => {
      for (const name of allRolloutNamespaces) node.join(name, { ...quiet, xdsAddress, hop });
    },
    stop: async () => {
      life.abort();
      await playing;
      await transport.close();
    },
  };
}
