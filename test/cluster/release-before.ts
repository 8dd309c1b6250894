// The release before this one, built from its commit: what upgrades begin from, and what a rollback goes back to.
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory, contentKey } from './cache-directory.ts';
import { imageExists } from './docker-image.ts';
import { exclusively } from './exclusively.ts';
import { imageName, imageParts } from './images.ts';
import { runCommand } from './run-command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Until there are tags, a release is a commit: the last one whose objects clusters may hold. */
const commit = '027d99db065c9b57268ca0ecb2f747fd30ba9a37';

/** The tag of its images: it bears the same version as this tree. */
const tag = `before-${commit.slice(0, 12)}`;

/** A release that can be installed with Helm. */
export type Release = {
  /** Folder of its chart. */
  readonly chart: string;
  /** Tag of its images, as the chart's value `images.tag`. */
  readonly tag: string;
  /** Their names, in this machine's Docker. */
  readonly images: readonly string[];
};

/** Builds what is missing of the release before this one. @throws CommandError where the clone lacks the commit. */
export async function releaseBefore(): Promise<Release> {
  const images = imageParts.map((part) => imageName(part, undefined, tag));
  const directory = await cachedDirectory(`release-${contentKey([commit])}`, unpack);
  await exclusively(directory, async () => {
    const known = await Promise.all(images.map(imageExists));
    if (known.includes(false)) await buildIn(directory);
  });
  return { chart: join(directory, 'charts', 'sluice'), tag, images };
}

async function unpack(directory: string): Promise<void> {
  const script = 'git -C "$0" archive --format=tar "$1" | tar -x -C "$2"';
  await runCommand(['bash', '-o', 'pipefail', '-c', script, root, commit, directory]);
  // The images bear the version of this file.
  const manifest = join(directory, 'package.json');
  const parsed = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  await writeFile(manifest, JSON.stringify({ ...parsed, version: tag }));
}

/** Its own sources, with the npm packages of this tree. */
async function linkPackages(directory: string): Promise<void> {
  const packages = join(root, 'node_modules');
  const own = join(directory, 'node_modules');
  await mkdir(join(own, '@sluice'), { recursive: true });
  const link = async (name: string, target: string) => {
    await symlink(target, join(own, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  };
  const names = (await readdir(packages)).filter((name) => name !== '@sluice');
  await Promise.all(names.map((name) => link(name, join(packages, name))));
  const workspaces = { crds: 'crds', model: 'model', operator: 'operator', statistics: 'statistics' };
  const images = { server: 'server-image', trainer: 'trainer-image' };
  for (const [name, folder] of Object.entries({ ...workspaces, ...images })) {
    await link(join('@sluice', name), join(directory, folder));
  }
}

async function buildIn(directory: string): Promise<void> {
  await linkPackages(directory);
  const cli = join(directory, 'test', 'cluster', 'images-cli.ts');
  await runCommand([process.execPath, '--disable-warning=ExperimentalWarning', cli]);
}
