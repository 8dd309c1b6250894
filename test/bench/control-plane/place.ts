// Where the benchmark plays: a control plane with an audit log, controllers, a scheduler, nodes that somebody plays, and the
// chart's objects. Everything is a process of this machine and is gone afterwards.
import { join } from 'node:path';
import { loadClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { createTransport } from '@sluice/operator/kube/transport/transport.ts';
import type { Progress } from '../../cluster/progress.ts';
import { runCommand } from '../../cluster/run-command.ts';
import { type Apiserver, startApiserver } from '../../integration/apiserver.ts';
import { chartOperator } from '../../integration/chart-rights.ts';
import { startComponents } from '../../integration/components.ts';
import { type Request, readAuditLog } from './audit-log.ts';
import { type Installation, readInstallation } from './installation.ts';
import { kwokUser, startKwok } from './kwok.ts';
import { type OperatorProgram, prepareOperator } from './operator-process.ts';
import { processorSeconds } from './process-figures.ts';
import { answerForTrainers } from './trainer-progress.ts';
import { claimObjects, namespaces, node } from './workload.ts';

/** A running cluster without an operator. */
export interface Place {
  readonly client: KubeClient;
  readonly program: OperatorProgram;
  /** Every request that was answered so far. */
  requests(): Promise<Request[]>;
  /** Processor time that the apiserver has used. */
  apiserverSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Plays the nodes of a cluster: pods run and end. Resolves once nodes are ready. */
export type NodesActor = (apiserver: Apiserver, client: KubeClient) => Promise<{ stop(): Promise<void> }>;

const nodes = 4;
const auditPolicyPath = join(import.meta.dirname, 'audit-policy.yaml');
/** As many as the creators of a crowd: the load must not wait for itself. */
const connections = 16;

/** Starts everything, with a claim in each namespace; the tools are compiled the first time. */
export async function openPlace(
  progress: Progress,
  playNodes: NodesActor,
  claimed: readonly string[] = Object.values(namespaces),
): Promise<Place> {
  const users = [kwokUser, chartOperator];
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const apiserver = await startApiserver({ progress, users, auditPolicyPath });
    ends.push(apiserver.stop);
    const installation = await readInstallation();
    await applyObjects(apiserver, installation, claimed);
    ends.push((await startComponents(apiserver, ['kube-controller-manager', 'kube-scheduler'])).stop);
    const access = await loadClusterAccess({ kubeconfig: apiserver.kubeconfigPath });
    const transport = createTransport(access, { userAgent: 'sluice-bench', connections });
    ends.push(() => transport.close());
    const client = new KubeClient(transport, { fieldManager: 'bench' });
    ends.push((await playNodes(apiserver, client)).stop);
    const program = await prepareOperator(apiserver, installation);
    ends.push(program.remove);
    return {
      ...{ client, program, stop },
      requests: () => readAuditLog(apiserver.auditLogPath),
      apiserverSeconds: () => processorSeconds(apiserver.pids['kube-apiserver']),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** kwok plays the nodes, and this process answers for the trainers on them. */
export const kwokNodes =
  (program: string): NodesActor =>
  async (apiserver) => {
    const kwok = await startKwok(apiserver, program);
    await runCommand([...kubectlOf(apiserver), 'wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s']);
    const trainers = await answerForTrainers();
    return {
      stop: async () => {
        await trainers.stop();
        await kwok.stop();
      },
    };
  };

const kubectlOf = ({ toolsPath, kubeconfigPath }: Apiserver) => [
  join(toolsPath, 'kubectl'),
  `--kubeconfig=${kubeconfigPath}`,
];

/** The kinds first: what is of a kind can be applied once the apiserver serves it. */
async function applyObjects(
  apiserver: Apiserver,
  { objects }: Installation,
  claimed: readonly string[],
): Promise<void> {
  const kubectl = kubectlOf(apiserver);
  const own = [...claimed.flatMap(claimObjects), ...Array.from({ length: nodes }, (_, index) => node(`node-${index}`))];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...objects, ...own] });
  await runCommand([...kubectl, 'apply', '--server-side', '-f', '-'], { input });
  await runCommand([...kubectl, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
}
