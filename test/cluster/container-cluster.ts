// A cluster whose node is a container of the local Docker daemon, whichever provider started it.
import { rmSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cachePath } from './cache-directory.ts';
import type { Cluster } from './cluster-type.ts';
import { exclusively } from './exclusively.ts';
import { transferImages } from './image-transfer.ts';
import { undoOnInterrupt } from './interruption.ts';
import { type Kubectl, kubectlFor, nodeAddressOf } from './kubectl-client.ts';
import { containerName, findNode, removeNode, removeNodeNow } from './node-container.ts';
import type { Progress } from './progress.ts';
import { builtNode } from './providers/built-node.ts';
import { k3sIsPossible, k3sNode } from './providers/k3s-node.ts';
import type { NodeProvider } from './providers/node-provider.ts';
import { CommandError, runCommand } from './run-command.ts';
import { simulateGpus } from './simulated-gpu.ts';

/** How long a cluster lives: as long as this process, or until somebody takes it down. */
export type Lifetime = 'process' | 'until down';

/**
 * Joins the running cluster of that name when it answers; otherwise removes what is left of it and starts a new one.
 * Only a cluster started by this call ends with the process.
 */
export function openContainerCluster(name: string, lifetime: Lifetime, progress: Progress): Promise<Cluster> {
  return exclusively(`cluster ${name}`, async () => {
    const joined = await joinContainerCluster(name, progress);
    if (joined) return joined;
    const forget = undoOnInterrupt(() => removeContainerCluster(name));
    await removeNode(name);
    const provider = (await k3sIsPossible()) ? k3sNode : builtNode;
    await provider.start(name, progress);
    const started = await joinContainerCluster(name, progress);
    if (!started)
      throw new Error(`Cluster ${name} started and stopped answering; see docker logs ${containerName(name)}.`);
    if (lifetime === 'until down') forget();
    else process.once('exit', () => removeNow(name));
    return started;
  });
}

/** The running cluster of that name, or undefined when there is none or its apiserver does not answer. */
export async function joinContainerCluster(name: string, progress: Progress): Promise<Cluster | undefined> {
  const node = await findNode(name);
  if (!node?.running) return undefined;
  const provider = k3sNode.owns(node.image) ? k3sNode : builtNode;
  const toolsPath = await provider.tools(progress);
  const kubeconfigPath = await writeKubeconfig(name, provider);
  const kubectl = kubectlFor({ toolsPath, kubeconfigPath, context: undefined });
  if (!(await answers(kubectl))) return undefined;
  const container = containerName(name);
  return {
    name,
    kubeconfigPath,
    context: undefined,
    toolsPath,
    nodeAddress: await nodeAddressOf(kubectl),
    kubectl,
    loadImages: async (references) => {
      await transferImages(references, container);
      return [...references];
    },
    advertiseGpu: (count) => simulateGpus(kubectl, count),
    exec: (command) => runCommand(['docker', 'exec', container, ...command]),
    down: () => removeContainerCluster(name),
  };
}

/** Removes the cluster's container, volumes and kubeconfig; nothing to do is fine. */
export async function removeContainerCluster(name: string): Promise<void> {
  await removeNode(name);
  await rm(cachePath('clusters', name), { recursive: true, force: true });
}

/** The same at the exit of this process. */
function removeNow(name: string): void {
  removeNodeNow(name);
  rmSync(cachePath('clusters', name), { recursive: true, force: true });
}

async function answers(kubectl: Kubectl): Promise<boolean> {
  try {
    return (await kubectl(['get', '--raw', '/readyz', '--request-timeout=5s'])).trim() === 'ok';
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** The node's own admin access, by the port that Docker gave it on this machine. */
async function writeKubeconfig(name: string, provider: NodeProvider): Promise<string> {
  const container = containerName(name);
  const [config, ports] = await Promise.all([
    runCommand(['docker', 'exec', container, 'cat', provider.adminConfig]),
    runCommand(['docker', 'port', container, '6443/tcp']),
  ]);
  const port = /:(\d+)$/m.exec(ports)?.[1];
  if (port === undefined)
    throw new Error(`Docker publishes no port for the apiserver of ${name}; remove it with down.`);
  const path = cachePath('clusters', name, 'kubeconfig');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, config.replace('127.0.0.1:6443', `127.0.0.1:${port}`), { mode: 0o600 });
  return path;
}
