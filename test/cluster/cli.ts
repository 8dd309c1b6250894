// `npm run cluster -- COMMAND`: brings a test cluster up, shows it, loads images into it and takes it down.
import { readCommandLine, refuse, wholeNumber } from '../command-line.ts';
import { defaultName, openCluster } from './cluster.ts';
import type { Cluster, ClusterOptions } from './cluster-type.ts';
import { joinContainerCluster, removeContainerCluster } from './container-cluster.ts';
import { ensureDocker } from './docker-daemon.ts';
import { interrupted } from './interruption.ts';
import { clusterNames } from './node-container.ts';
import { Progress } from './progress.ts';

const command = {
  name: 'npm run cluster --',
  summary: 'Brings a test cluster up and takes it down.',
  words: {
    name: 'COMMAND',
    help: [
      ['up', 'create the cluster, or find it running'],
      ['down', 'remove it'],
      ['status', 'say which clusters there are'],
      ['kubeconfig', 'print the path of its kubeconfig'],
      ['load IMAGE...', 'copy images of the local Docker daemon into it'],
    ],
  },
  options: {
    name: { type: 'string', value: 'NAME', default: defaultName, help: 'which cluster' },
    gpus: { type: 'string', value: 'COUNT', default: '1', check: wholeNumber(0), help: 'with up: simulated GPUs' },
    context: { type: 'string', value: 'CONTEXT', help: 'use this cluster of yours; images go to --registry' },
    kubeconfig: { type: 'string', value: 'PATH', help: 'of that cluster; default $KUBECONFIG, then ~/.kube/config' },
    registry: { type: 'string', value: 'HOST/PATH', help: 'where load pushes images for a cluster of yours' },
  },
} as const;

interface Arguments {
  readonly run: Command;
  readonly images: readonly string[];
  readonly gpus: number;
  readonly cluster: ClusterOptions & { readonly name: string };
}

function readArguments(): Arguments {
  const { values, positionals } = readCommandLine(command);
  const { gpus, ...cluster } = values;
  const [word, ...images] = positionals;
  const run = word === undefined ? undefined : commands[word];
  if (!run) refuse(command, word === undefined ? 'Say what to do with the cluster' : `There is no command ${word}`);
  return { run, images, gpus: Number(gpus), cluster: { ...cluster, keep: true } };
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

type Command = (given: Arguments, progress: Progress) => Promise<void>;
const commands: Readonly<Record<string, Command>> = { up, down, status, kubeconfig, load };

const given = readArguments();
try {
  await given.run(given, new Progress());
} catch (error) {
  if (!interrupted()) console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
