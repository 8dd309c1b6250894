// A cluster without nodes in which everything else is real: etcd, kube-apiserver, the controllers; pods are played.
import { join } from 'node:path';
import { loadClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { createTransport, type Transport } from '@sluice/operator/kube/transport/transport.ts';
import { Progress } from '../../cluster/progress.ts';
import { type Apiserver, startApiserver } from '../../integration/apiserver.ts';
import { chartOperator, grantChartRights } from '../../integration/chart-rights.ts';
import { startComponents } from '../../integration/components.ts';
import { installCrds } from '../../integration/crds/installed-crds.ts';
import { identityDirectory } from '../campaign/operator-process.ts';
import { AuditTally } from '../end-state/audit.ts';
import { PlayedHop } from './played-hop.ts';
import { PlayedNode } from './played-node.ts';

/** A running world. */
export interface World {
  readonly apiserver: Apiserver;
  /** Straight to the apiserver, past every proxy. */
  readonly client: KubeClient;
  readonly transport: Transport;
  /** For the operator: its user has the chart's rights and no others. */
  readonly operatorKubeconfigPath: string;
  /** What Node is to run as the operator. */
  readonly operatorPath: string;
  /** By what gateways and operators know each other. */
  readonly hop: PlayedHop;
  /** What came and went, by the apiserver's word. */
  readonly audit: AuditTally;
  /** Plays every pod of the namespaces that have joined it. */
  readonly node: PlayedNode;
  close(): Promise<void>;
}

/** Pods have no node, so what watches over nodes would take them away; what deletes namespaces has nothing to do. */
const controllers = ['*', '-node-lifecycle-controller', '-pod-garbage-collector-controller', '-namespace-controller'];

/** Ready about eight seconds after the call. */
export async function openWorld(operatorPath: string, progress = new Progress()): Promise<World> {
  const auditPolicyPath = join(import.meta.dirname, 'audit-policy.yaml');
  const apiserver = await startApiserver({ progress, users: [chartOperator], auditPolicyPath });
  const access = await loadClusterAccess({ kubeconfig: apiserver.kubeconfigPath });
  const transport = createTransport(access, { userAgent: 'sluice-faults', connections: 8 });
  const client = new KubeClient(transport, { fieldManager: 'sluice-faults' });
  // The garbage collector looks for new kinds every thirty seconds only: it starts when ours are there.
  await installCrds(client);
  await grantChartRights(client);
  const { kubeconfigPath: operatorKubeconfigPath } = await apiserver.login(chartOperator.name);
  const components = await startComponents(apiserver, ['kube-controller-manager'], [`--controllers=${controllers}`]);
  const node = new PlayedNode({ client, transport });
  const life = new AbortController();
  const playing = node.run(life.signal);
  return {
    apiserver,
    client,
    transport,
    operatorKubeconfigPath,
    operatorPath,
    hop: await PlayedHop.open(identityDirectory(operatorPath), apiserver.serviceAccountKeyPath),
    audit: new AuditTally(apiserver.auditLogPath),
    node,
    close: async () => {
      life.abort();
      await playing;
      await transport.close();
      await components.stop();
      await apiserver.stop();
    },
  };
}
