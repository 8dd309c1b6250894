// Finds a Go compiler, or installs the system's where that is new enough.
import { installPackages, isDebianRoot } from './debian-packages.ts';
import type { Report } from './progress.ts';
import { runCommand, succeeds } from './run-command.ts';

const remedy = 'Install Go 1.21 or later from https://go.dev/dl and put it on PATH.';

/** The command that runs Go. From 1.21 on, Go fetches by itself the exact toolchain that go.mod asks for. */
export async function goCompiler(report: Report): Promise<string> {
  if (await succeeds(['go', 'version'])) return 'go';
  if (!(await isDebianRoot())) throw new Error(`Kubernetes has to be compiled and there is no Go compiler. ${remedy}`);
  const candidate = /Candidate: 2:1\.(\d+)/.exec(await runCommand(['apt-cache', 'policy', 'golang-go']));
  if (!candidate || Number(candidate[1]) < 21) {
    throw new Error(`Kubernetes has to be compiled and this system's own Go is too old. ${remedy}`);
  }
  report('installing Go');
  await installPackages(['golang-go']);
  return 'go';
}
