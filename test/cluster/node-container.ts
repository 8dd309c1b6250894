// Starts, finds and removes the container that is a cluster's only node.
import { spawnSync } from 'node:child_process';
import type { GenericContainer } from 'testcontainers';
import { undoOnInterrupt } from './interruption.ts';
import { CommandError, runCommand, succeeds } from './run-command.ts';

const label = 'dev.sluice.cluster';

/** Docker's name of a cluster's node, which is also its host name and its name as a Kubernetes node. */
export function containerName(cluster: string): string {
  return `sluice-${cluster}`;
}

/** Names of the clusters that have a container here, running or not. */
export async function clusterNames(): Promise<string[]> {
  const format = `{{.Label "${label}"}}`;
  const output = await runCommand(['docker', 'ps', '--all', '--filter', `label=${label}`, '--format', format]);
  return output.split('\n').filter((line) => line !== '');
}

/** The image of a cluster's container and whether it runs, or undefined when there is none. */
export async function findNode(cluster: string): Promise<{ image: string; running: boolean } | undefined> {
  const filter = ['--filter', `label=${label}=${cluster}`];
  const output = await runCommand(['docker', 'ps', '--all', ...filter, '--format', '{{.Image}} {{.State}}']);
  const [image, state] = output.trim().split(' ');
  return image && state ? { image, running: state === 'running' } : undefined;
}

/** Starts `container` as the node of `cluster`; what an interrupt or a failure would leave is removed. */
export async function startNodeContainer(cluster: string, container: GenericContainer): Promise<void> {
  // Ryuk's image would have to be pulled, and it would remove a cluster that has to outlive this process.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  const lastLines: string[] = [];
  const starting = container
    .withName(containerName(cluster))
    .withHostname(containerName(cluster))
    .withLabels({ [label]: cluster })
    .withAutoCleanup(false)
    .withLogConsumer((stream) => stream.on('data', (chunk: Buffer) => lastLines.push(chunk.toString())))
    .start();
  const forget = undoOnInterrupt(() => removeInterrupted(cluster, starting));
  try {
    await starting;
  } catch (error) {
    await removeNode(cluster);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The node did not start: ${reason} ${lastLines.slice(-12).join('')}`, { cause: error });
  } finally {
    forget();
  }
}

/** An interrupt may come before Docker has the container: the removal is repeated until the start has come to its end. */
async function removeInterrupted(cluster: string, starting: Promise<unknown>): Promise<void> {
  let started = false;
  const ended = starting.then(
    () => {
      started = true;
    },
    () => {
      started = true;
    },
  );
  while (!started) {
    await removeNode(cluster);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  await removeNode(cluster);
}

/** Stopping lets the node take its control groups away; then its container and volumes are removed. */
const removal = (name: string) => [
  ['stop', name],
  ['rm', '--force', '--volumes', name],
];

/** Removes a cluster's node; nothing to do is fine. */
export async function removeNode(cluster: string): Promise<void> {
  const name = containerName(cluster);
  for (const command of removal(name)) {
    try {
      if (await exists(name)) await runCommand(['docker', ...command]);
    } catch (error) {
      if (!(error instanceof CommandError) || (await exists(name))) throw error;
    }
  }
}

/** The same without waiting for promises, for a process that is about to exit. */
export function removeNodeNow(cluster: string): void {
  for (const command of removal(containerName(cluster))) spawnSync('docker', command);
}

function exists(container: string): Promise<boolean> {
  return succeeds(['docker', 'container', 'inspect', container]);
}
