// kwok, which plays the kubelets of nodes that do not exist: compiled once for each version in kwok/go.mod, then started.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { cachedDirectory, contentKey } from '../../cluster/cache-directory.ts';
import { goCompiler } from '../../cluster/go-compiler.ts';
import { undoOnInterrupt } from '../../cluster/interruption.ts';
import type { Progress } from '../../cluster/progress.ts';
import { runCommand } from '../../cluster/run-command.ts';
import type { Apiserver } from '../../integration/apiserver.ts';
import { pidOf, startLogged } from '../../integration/logged-process.ts';
import type { User } from '../../integration/logins.ts';
import { guardProcesses } from '../../integration/process-guard.ts';
import { kwokConfiguration } from './stages.ts';

const source = join(import.meta.dirname, '..', 'kwok');

/** Named to the apiserver at its start. */
export const kwokUser: User = { name: 'system:kwok', groups: ['system:masters'] };

/** Path of the program. The first call for a version compiles it: about a minute on two cores. */
export async function kwokProgram(progress: Progress): Promise<string> {
  const contents = await Promise.all(['go.mod', 'go.sum'].map((file) => readFile(join(source, file))));
  const name = `kwok-${contentKey([...contents, process.platform, process.arch])}`;
  const directory = await cachedDirectory(name, (path) =>
    progress.stage('compile kwok', async (report) => {
      const command = [await goCompiler(report), 'build', '-trimpath', '-ldflags', '-s -w', '-o', join(path, 'kwok')];
      const env = { CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', GOWORK: 'off', GOTMPDIR: path };
      await runCommand([...command, 'sigs.k8s.io/kwok/cmd/kwok'], { cwd: source, env, onErrorLine: report });
    }),
  );
  return join(directory, 'kwok');
}

/** Starts kwok for every node of the apiserver. */
export async function startKwok(apiserver: Apiserver, program: string): Promise<{ stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-kwok-'));
  const configuration = join(directory, 'kwok.yaml');
  await writeFile(configuration, kwokConfiguration.map((each) => stringify(each)).join('---\n'));
  const { kubeconfigPath } = await apiserver.login(kwokUser.name);
  const command = [program, `--kubeconfig=${kubeconfigPath}`, `--config=${configuration}`];
  const child = startLogged(join(directory, 'kwok.log'), command);
  const end = guardProcesses(directory, [pidOf(child)]);
  const forget = undoOnInterrupt(end);
  return {
    stop: () => {
      forget();
      return end();
    },
  };
}
