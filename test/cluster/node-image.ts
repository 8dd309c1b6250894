// The image of a Kubernetes node, made of Debian packages, the compiled Kubernetes and the scripts in node/.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { contentKey } from './cache-directory.ts';
import { buildImage, imageExists } from './docker-image.ts';
import { undoOnInterrupt } from './interruption.ts';
import { kubernetesTools } from './kubernetes-tools.ts';
import type { Progress } from './progress.ts';
import { rootFileSystemImage } from './root-file-system.ts';
import { runCommand } from './run-command.ts';

/** What the references of all node images begin with. */
export const nodeImageName = 'localhost/sluice-node';

const nodeFiles = join(import.meta.dirname, 'node');
const packages = [
  'ca-certificates',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'iproute2',
  'iptables',
  'kmod',
  'mount',
  'openssl',
  'procps',
  'runc',
  'socat',
];

/** A node image and the programs that go with it on this machine. */
export interface NodeImage {
  readonly reference: string;
  /** Directory with kubectl and helm of the node's version. */
  readonly toolsPath: string;
}

/** Makes what is missing: compiles Kubernetes while Debian is downloaded, then puts both into an image. */
export async function nodeImage(progress: Progress): Promise<NodeImage> {
  const [toolsPath, rootFileSystem] = await Promise.all([
    kubernetesTools(progress),
    rootFileSystemImage(packages, progress),
  ]);
  const reference = `${nodeImageName}:${await keyOf([toolsPath, rootFileSystem])}`;
  if (!(await imageExists(reference))) {
    await progress.stage('build the node image', () => build(reference, { toolsPath, rootFileSystem }));
  }
  return { reference, toolsPath };
}

async function keyOf(parts: readonly string[]): Promise<string> {
  const files = (await readdir(nodeFiles)).sort();
  const contents = await Promise.all(files.map((file) => readFile(join(nodeFiles, file))));
  return contentKey([...parts.map((part) => basename(part)), ...files, ...contents]);
}

async function build(reference: string, parts: { toolsPath: string; rootFileSystem: string }): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-pause-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  const forget = undoOnInterrupt(remove);
  try {
    const archive = join(directory, 'pause.tar');
    await buildPauseImage(parts.toolsPath, archive);
    await buildImage(reference, {
      dockerfile: join(nodeFiles, 'Dockerfile'),
      context: { kubernetes: parts.toolsPath, node: nodeFiles, 'pause.tar': archive },
      buildArguments: { ROOT_FILE_SYSTEM: parts.rootFileSystem },
    });
  } finally {
    forget();
    await remove();
  }
}

/** The name is the one that node/containerd.toml gives to the runtime. */
async function buildPauseImage(toolsPath: string, archive: string): Promise<void> {
  const reference = 'localhost/sluice-pause:1';
  await buildImage(reference, {
    dockerfile: join(nodeFiles, 'pause.Dockerfile'),
    context: { 'kubernetes/pause': join(toolsPath, 'pause') },
  });
  await runCommand(['docker', 'save', '--output', archive, reference]);
}
