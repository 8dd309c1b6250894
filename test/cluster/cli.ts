// `npm run cluster -- COMMAND`: brings a test cluster up, shows it, loads images into it and takes it down.
import { parseArgs } from 'node:util';
import { defaultName, openCluster } from './cluster.ts';
import type { Cluster, ClusterOptions } from './cluster-type.ts';
import { joinContainerCluster, removeContainerCluster } from './container-cluster.ts';
import { ensureDocker } from './docker-daemon.ts';
import { interrupted } from './interruption.ts';
import { clusterNames } from './node-container.ts';
import { Progress } from './progress.ts';

const usage = `Usage: npm run cluster -- COMMAND [options]
  up            create the cluster, or find it running
  down          remove it
  status        say which clusters there are
  kubeconfig    print the path of its kubeconfig
  load IMAGE... copy images of the local Docker daemon into it
Options:
  --name NAME            default ${defaultName}
  --gpus COUNT           with up: simulated nvidia.com/gpu devices, default 1
  --context CONTEXT      use this cluster of yours; images go to --registry
  --kubeconfig PATH      of that cluster; default $KUBECONFIG, then ~/.kube/config
  --registry HOST/PATH   where load pushes images for a cluster of yours`;

const options = {
  name: { type: 'string', default: defaultName },
  gpus: { type: 'string', default: '1' },
  context: { type: 'string' },
  kubeconfig: { type: 'string' },
  registry: { type: 'string' },
} as const;

interface Arguments {
  readonly command: string;
  readonly images: readonly string[];
  readonly gpus: number;
  readonly cluster: ClusterOptions & { readonly name: string };
}

function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const { gpus: gpuText, ...cluster } = values;
  const gpus = Number(gpuText);
  if (!Number.isInteger(gpus) || gpus < 0) throw new Error(`--gpus ${gpuText}: give a whole number, 0 or more.`);
  const [command = 'help', ...images] = positionals;
  return { command, images, gpus, cluster: { ...cluster, keep: true } };
}

const isForeign = (cluster: ClusterOptions) => cluster.context !== undefined || cluster.kubeconfig !== undefined;

/** The cluster if it is there; rejects with the remedy when it is not. */
async function existing(cluster: ClusterOptions & { name: string }, progress: Progress): Promise<Cluster> {
  if (isForeign(cluster)) return openCluster(cluster, progress);
  await ensureDocker(progress);
  const found = await joinContainerCluster(cluster.name, progress);
  if (found) return found;
  throw new Error(
    `Cluster ${cluster.name} is not running; start it with: npm run cluster -- up --name ${cluster.name}`,
  );
}

async function up({ cluster, gpus }: Arguments, progress: Progress): Promise<void> {
  const opened = await openCluster(cluster, progress);
  if (!isForeign(cluster)) await progress.stage(`offer ${gpus} simulated GPU(s)`, () => opened.advertiseGpu(gpus));
  console.error(`Where the time went:\n${progress.summary()}`);
  console.log(`Cluster ${opened.name} is ready; its node is ${opened.nodeAddress}.`);
  console.log(`export KUBECONFIG=${opened.kubeconfigPath} PATH=${opened.toolsPath}:$PATH`);
}

async function down({ cluster }: Arguments, progress: Progress): Promise<void> {
  if (isForeign(cluster)) throw new Error('The cluster is yours: it is not taken down.');
  await ensureDocker(progress);
  await removeContainerCluster(cluster.name);
  console.log(`Cluster ${cluster.name} is gone.`);
}

async function status(_: Arguments, progress: Progress): Promise<void> {
  await ensureDocker(progress);
  const names = await clusterNames();
  if (names.length === 0) console.log('No cluster is running; start one with: npm run cluster -- up');
  for (const name of names) {
    const cluster = await joinContainerCluster(name, progress);
    console.log(cluster ? await cluster.kubectl(['get', 'nodes', '-o', 'wide']) : `${name}: does not answer`);
  }
}

async function kubeconfig({ cluster }: Arguments, progress: Progress): Promise<void> {
  console.log((await existing(cluster, progress)).kubeconfigPath);
}

async function load({ cluster, images }: Arguments, progress: Progress): Promise<void> {
  if (images.length === 0) throw new Error('Name the image to load: npm run cluster -- load IMAGE');
  const target = await existing(cluster, progress);
  const loaded = await progress.stage(`load ${images.join(', ')}`, () => target.loadImages(images));
  for (const image of loaded) console.log(image);
}

const commands: Record<string, (given: Arguments, progress: Progress) => Promise<void>> = {
  up,
  down,
  status,
  kubeconfig,
  load,
};

try {
  const given = readArguments(process.argv.slice(2));
  const command = commands[given.command];
  if (command) await command(given, new Progress());
  else console.log(usage);
  if (!command && given.command !== 'help') process.exitCode = 2;
} catch (error) {
  if (!interrupted()) console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
