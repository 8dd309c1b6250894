// Runs kube-controller-manager and kube-scheduler as plain processes beside the control plane of the tests.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoOnInterrupt } from '../cluster/interruption.ts';
import type { Apiserver } from './apiserver.ts';
import { pidOf, startLogged } from './logged-process.ts';
import { guardProcesses } from './process-guard.ts';

/** Components that act on what the apiserver stores. */
export type Component = 'kube-controller-manager' | 'kube-scheduler';

/** Processes that run until they are stopped. */
export interface RunningComponents {
  /** Process id of each, by name. */
  readonly pids: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** More than one machine can use up: what is measured is the work, not a client's limit. */
const unlimited = ['--kube-api-qps=2000', '--kube-api-burst=4000'];

/**
 * Starts the components as users of their own, which the audit log names. It does not wait for them: what they do for
 * an object comes when it comes. Each is given `moreFlags`, too.
 */
export async function startComponents(
  apiserver: Apiserver,
  components: readonly Component[],
  moreFlags: readonly string[] = [],
): Promise<RunningComponents> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-components-'));
  const pids: Record<string, number> = {};
  for (const component of components) {
    const { kubeconfigPath } = await apiserver.login(`system:${component}`);
    const flags = [`--kubeconfig=${kubeconfigPath}`, '--leader-elect=false', '--secure-port=0', ...unlimited];
    const command = [join(apiserver.toolsPath, component), ...flags, ...flagsOf(component, apiserver), ...moreFlags];
    pids[component] = pidOf(startLogged(join(directory, `${component}.log`), command));
  }
  const end = guardProcesses(directory, Object.values(pids));
  const forget = undoOnInterrupt(end);
  return {
    pids,
    stop: () => {
      forget();
      return end();
    },
  };
}

function flagsOf(component: Component, { serviceAccountKeyPath }: Apiserver): string[] {
  return component === 'kube-scheduler' ? [] : [`--service-account-private-key-file=${serviceAccountKeyPath}`];
}
