// Installs packages of the operating system where that is ours to do: as root on Debian and its descendants.
import { readFile } from 'node:fs/promises';
import { exclusively } from './exclusively.ts';
import { CommandError, runCommand, succeeds } from './run-command.ts';

/** Whether this process may install packages with apt. */
export async function isDebianRoot(): Promise<boolean> {
  return process.getuid?.() === 0 && (await isDebian()) && (await succeeds(['apt-get', '--version']));
}

async function isDebian(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const release = await readFile('/etc/os-release', 'utf8');
  return /^(ID|ID_LIKE)=.*(debian|ubuntu)/m.test(release);
}

/** Installs packages; refreshes the package lists only when they do not know one of them. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  await exclusively('apt', async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['apt-get', 'install', '-y', ...packages];
    if (await succeeds(install, { env })) return;
    try {
      await runCommand(['apt-get', 'update'], { env });
      await runCommand(install, { env });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new Error(`Install ${packages.join(', ')} by hand; apt-get could not: ${error.message}`, { cause: error });
    }
  });
}
