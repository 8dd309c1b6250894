// Compiles every Kubernetes program of the test cluster, once for each version of kubernetes/, and says where they are.
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedDirectory, contentKey } from './cache-directory.ts';
import { goCompiler } from './go-compiler.ts';
import type { Progress, Report } from './progress.ts';
import { CommandError, runCommand } from './run-command.ts';

const source = join(import.meta.dirname, 'kubernetes');
const sourceFiles = ['go.mod', 'go.sum', 'main.go', 'pause/main.go'];
const components = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'coredns',
  'kubectl',
  'helm',
];

/**
 * Directory with `kubectl`, `helm`, `etcd` and the other programs by name (links to one binary), and `pause`. The first
 * call for a version of the sources compiles them: 4 to 8 minutes on two cores; later ones only look.
 * Rejects with a remedy when there is no Go compiler.
 */
export async function kubernetesTools(progress: Progress): Promise<string> {
  const contents = await Promise.all(sourceFiles.map((file) => readFile(join(source, file))));
  const name = `kubernetes-${contentKey([...contents, process.platform, process.arch])}`;
  return cachedDirectory(name, (directory) =>
    progress.stage('compile Kubernetes', async (report) => {
      const build: Build = { go: await goCompiler(report), directory };
      await compileKubernetes(build, report);
      await runGo(build, ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(directory, 'pause'), './pause']);
      for (const component of components) await symlink('kubernetes', join(directory, component));
    }),
  );
}

interface Build {
  /** The command that runs Go. */
  readonly go: string;
  /** Takes the programs and, while Go works, its temporary files, which vanish with it when the build is interrupted. */
  readonly directory: string;
}

async function compileKubernetes(build: Build, report: Report): Promise<void> {
  report('fetching the sources');
  const stale = await runGo(build, ['list', '-deps', '-trimpath', '-f', '{{if .Stale}}{{.ImportPath}}{{end}}', '.']);
  const total = stale.split('\n').filter((line) => line !== '').length;
  let done = 0;
  const onErrorLine = () => {
    done += 1;
    report(`${Math.min(done, total)} of ${total} packages`);
  };
  const flags = ['-v', '-trimpath', '-ldflags', `-s -w ${await versionStamps()}`];
  await runGo(build, ['build', ...flags, '-o', join(build.directory, 'kubernetes'), '.'], onErrorLine);
}

/** Linker flags that tell kubectl and helm which version they are: `go build` alone leaves v0.0.0. */
async function versionStamps(): Promise<string> {
  const modules = await readFile(join(source, 'go.mod'), 'utf8');
  const kubernetes = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(modules);
  const helm = /helm\.sh\/helm\/v4 (v\S+)/.exec(modules);
  if (!kubernetes || !helm)
    throw new Error('kubernetes/go.mod names no version of k8s.io/kubernetes or helm.sh/helm/v4.');
  const [, version, major, minor] = kubernetes;
  const stamps = {
    'k8s.io/component-base/version.gitVersion': version,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'helm.sh/helm/v4/internal/version.version': helm[1],
  };
  return Object.entries(stamps)
    .map(([variable, value]) => `-X ${variable}=${value}`)
    .join(' ');
}

/** Static binaries (no cgo): they run in an image that has no C library. */
async function runGo(
  { go, directory }: Build,
  args: readonly string[],
  onErrorLine: (line: string) => void = () => {},
) {
  try {
    const env = { CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', GOWORK: 'off', GOTMPDIR: directory };
    return await runCommand([go, ...args], { cwd: source, env, onErrorLine });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new Error(`Kubernetes did not compile; check that the Go module proxy is reachable. ${error.message}`, {
      cause: error,
    });
  }
}
