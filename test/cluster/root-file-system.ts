// Makes Debian root file systems out of packages, for images whose base cannot be pulled.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedDirectory, cachePath, contentKey } from './cache-directory.ts';
import { installPackages, isDebianRoot } from './debian-packages.ts';
import { imageExists } from './docker-image.ts';
import { exclusively } from './exclusively.ts';
import type { Progress } from './progress.ts';
import { runCommand, succeeds } from './run-command.ts';

const suite = 'bookworm';

/**
 * Reference of a local image that holds a minimal Debian 12 with `packages`; made by debootstrap on the first call (half a
 * minute), kept as an archive in the cache, and imported again when the daemon has lost it.
 */
export async function rootFileSystemImage(packages: readonly string[], progress: Progress): Promise<string> {
  const key = contentKey([suite, process.arch, ...packages]);
  const reference = `localhost/sluice-debian:${key}`;
  if (await imageExists(reference)) return reference;
  const directory = await cachedDirectory(`debian-${key}`, (temporary) =>
    exclusively('debootstrap', () => makeArchive(packages, temporary, progress)),
  );
  await progress.stage('import the root file system', () =>
    runCommand(['docker', 'import', join(directory, 'root.tar'), reference]),
  );
  return reference;
}

async function makeArchive(packages: readonly string[], directory: string, progress: Progress): Promise<void> {
  await ensureDebootstrap(progress);
  const packageCache = cachePath('debian-packages');
  await mkdir(packageCache, { recursive: true });
  await progress.stage(
    `download and unpack Debian (${packages.length} packages and what they need)`,
    async (report) => {
      const root = join(directory, 'root');
      const include = `--include=${packages.join(',')}`;
      const debootstrap = ['debootstrap', '--variant=minbase', `--cache-dir=${packageCache}`, include, suite, root];
      // In a mount namespace of its own: what debootstrap mounts vanishes with it, even when it is interrupted.
      await runCommand(['bash', '-c', 'exec unshare --mount "$@" >&2', 'bash', ...debootstrap], {
        onErrorLine: report,
      });
      await runCommand([
        'rm',
        '-rf',
        '--one-file-system',
        join(root, 'var/cache/apt/archives'),
        join(root, 'var/lib/apt/lists'),
      ]);
      await runCommand([
        'mkdir',
        '-p',
        join(root, 'var/cache/apt/archives/partial'),
        join(root, 'var/lib/apt/lists/partial'),
      ]);
      await runCommand(['tar', '--one-file-system', '-C', root, '-cf', join(directory, 'root.tar'), '.']);
      await runCommand(['rm', '-rf', '--one-file-system', root]);
    },
  );
}

async function ensureDebootstrap(progress: Progress): Promise<void> {
  if (process.getuid?.() === 0 && (await succeeds(['debootstrap', '--version']))) return;
  if (!(await isDebianRoot())) {
    throw new Error(
      'Images cannot be pulled here, and building them needs root on Debian or Ubuntu: run as root, or give --context.',
    );
  }
  await progress.stage('install debootstrap', () => installPackages(['debootstrap', 'debian-archive-keyring']));
}
