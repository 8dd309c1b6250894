// The clients that are tried: programs of other projects, as they come from PyPI and Debian.
import { join } from 'node:path';
import { installPackages, isDebianRoot } from '../cluster/debian-packages.ts';
import { directoryOnPath } from '../cluster/program-path.ts';
import { runCommand } from '../cluster/run-command.ts';
import { type PythonClient, pythonOf, requirements } from './python-environment.ts';
import { readSteps, type Step } from './steps.ts';

export type Hosts = { readonly people: string; readonly digits: string };
export type Client = { readonly name: string; run(hosts: Hosts): Promise<Step[]> };

const programs = join(import.meta.dirname, 'programs');

const python = (client: PythonClient): Client => ({
  name: requirements[client].join(', '),
  run: async ({ people, digits }) => {
    const program = join(programs, `${client}-client.py`);
    return readSteps(await runCommand([await pythonOf(client), program, people, digits]));
  },
});

const curl: Client = {
  name: 'curl',
  run: async ({ people, digits }) => {
    if (!(await directoryOnPath(['curl']))) {
      if (!(await isDebianRoot())) throw new Error('Install curl.');
      await installPackages(['curl']);
    }
    return readSteps(await runCommand(['bash', join(programs, 'curl-client.sh'), people, digits]));
  },
};

/** Each is sent through a recorder; the browser is not among them, as its origin is another one each time. */
export const recordedClients: readonly Client[] = [...(Object.keys(requirements) as PythonClient[]).map(python), curl];
