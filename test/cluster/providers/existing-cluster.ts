// A cluster that the user brought: nothing is created in it and nothing removed; images go through a registry.
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, ClusterOptions } from '../cluster-type.ts';
import { kubectlFor, nodeAddressOf } from '../kubectl-client.ts';
import { directoryOnPath } from '../program-path.ts';
import { CommandError, runCommand } from '../run-command.ts';

/** Checks that the context of `options` answers; rejects with what kubectl says when it does not. */
export async function openExistingCluster(options: ClusterOptions): Promise<Cluster> {
  const kubeconfigPath = options.kubeconfig ?? process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config');
  const toolsPath = await directoryOnPath(['kubectl']);
  if (toolsPath === undefined) throw new Error('kubectl is not on PATH; install the version of your cluster.');
  const context = options.context;
  const kubectl = kubectlFor({ toolsPath, kubeconfigPath, context });
  const name = context ?? (await kubectl(['config', 'current-context'])).trim();
  try {
    await kubectl(['get', '--raw', '/readyz', '--request-timeout=10s']);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new Error(`Context ${name} of ${kubeconfigPath} does not answer: ${error.message}`, { cause: error });
  }
  const refuse = (message: string) => Promise.reject(new Error(message));
  return {
    name,
    kubeconfigPath,
    context,
    toolsPath,
    nodeAddress: await nodeAddressOf(kubectl),
    kubectl,
    loadImages: (references) => pushAll(references, options.registry),
    advertiseGpu: () =>
      refuse('GPUs are simulated on clusters of our own only; your cluster needs a node that has one.'),
    exec: () => refuse(`No commands are run on the nodes of ${name}: the cluster is yours.`),
    down: () => Promise.resolve(),
  };
}

async function pushAll(references: readonly string[], registry: string | undefined): Promise<string[]> {
  const pushed: string[] = [];
  for (const reference of references) pushed.push(await push(reference, registry));
  return pushed;
}

async function push(reference: string, registry: string | undefined): Promise<string> {
  if (registry === undefined) {
    throw new Error(`Say by --registry host/path where to push ${reference}, so that the cluster can pull it.`);
  }
  const pushed = `${registry.replace(/\/$/, '')}/${reference.split('/').at(-1)}`;
  await runCommand(['docker', 'tag', reference, pushed]);
  await runCommand(['docker', 'push', '--quiet', pushed]);
  return pushed;
}
