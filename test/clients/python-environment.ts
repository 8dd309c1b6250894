// The Python clients' own worlds: a virtual environment for each, made once from PyPI with the versions that are tried.
import { join } from 'node:path';
import { cachedDirectory, cachePath, contentKey } from '../cluster/cache-directory.ts';
import { installPackages, isDebianRoot } from '../cluster/debian-packages.ts';
import { runCommand, succeeds } from '../cluster/run-command.ts';

/** What each needs; MLServer 1.7 cannot encode the texts of pandas 3. */
export const requirements = {
  triton: ['tritonclient[http]==2.73.0'],
  kserve: ['kserve==0.21.0'],
  mlserver: ['mlserver==1.7.1', 'pandas==2.3.3'],
  requests: ['requests==2.34.2'],
} as const;
export type PythonClient = keyof typeof requirements;

/** A virtual environment cannot be moved: it is made where it stays, and the cached directory only says that it is done. */
async function make(directory: string, wanted: readonly string[]): Promise<void> {
  if (!(await succeeds(['python3', '-m', 'venv', '--clear', directory]))) {
    if (!(await isDebianRoot())) throw new Error('Install Python 3.10 to 3.12 with its module venv (python3-venv).');
    await installPackages(['python3-venv']);
    await runCommand(['python3', '-m', 'venv', '--clear', directory]);
  }
  await runCommand([
    join(directory, 'bin', 'pip'),
    'install',
    '--quiet',
    '--no-compile',
    '--disable-pip-version-check',
    ...wanted,
  ]);
}

/** Resolves to the path of its Python. */
export async function pythonOf(client: PythonClient): Promise<string> {
  const wanted = requirements[client];
  const name = `client-${client}-${contentKey(wanted)}`;
  await cachedDirectory(name, () => make(placeOf(name), wanted));
  return join(placeOf(name), 'bin', 'python');
}

const placeOf = (name: string) => cachePath(`${name}-venv`);
