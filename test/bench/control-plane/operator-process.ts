// The operator as users run it: the bundle of its image, with the chart's flags and environment and its ServiceAccount's
// rights, as a process of this machine that can be measured.
import type { ChildProcess } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bundleOperator } from '../../../operator/build.ts';
import { systemNamespace } from '../../cluster/chart.ts';
import { undoOnInterrupt } from '../../cluster/interruption.ts';
import { PlayedHop, writeIdentity } from '../../faults/world/played-hop.ts';
import type { Apiserver } from '../../integration/apiserver.ts';
import { chartOperator } from '../../integration/chart-rights.ts';
import { freePorts } from '../../integration/free-ports.ts';
import { lastLines, pidOf, startLogged } from '../../integration/logged-process.ts';
import { guardProcesses } from '../../integration/process-guard.ts';
import { parseMetrics } from '../../metrics-text.ts';
import type { Installation } from './installation.ts';

/** A running operator. */
export interface OperatorProcess {
  readonly pid: number;
  /** `performance.now()` when it was started. */
  readonly startedAtMs: number;
  /** Port at which gateways ask it. */
  readonly xdsPort: number;
  /** Its `/metrics`, by name with labels as they are written; empty before it listens. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  isReady(): Promise<boolean>;
  /** Asks it to end, as the kubelet does; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts operators from one bundle. */
export interface OperatorProgram {
  /** By what gateways and these operators know each other. */
  readonly hop: PlayedHop;
  start(nodeFlags?: readonly string[]): Promise<OperatorProcess>;
  remove(): Promise<void>;
}

const readyWithinMs = 60_000;

/** Bundles the operator and lays out what a kubelet would mount. */
export async function prepareOperator(apiserver: Apiserver, installation: Installation): Promise<OperatorProgram> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-operator-'));
  const account = join(directory, 'account');
  await bundleOperator(directory);
  await mkdir(account);
  const identity = join(directory, 'identity');
  await writeIdentity(identity);
  const { token } = await apiserver.login(chartOperator.name);
  await copyFile(apiserver.certificatePath, join(account, 'ca.crt'));
  await writeFile(join(account, 'token'), token, { mode: 0o600 });
  await writeFile(join(account, 'namespace'), systemNamespace);
  const { hostname, port } = new URL(apiserver.url);
  const environment = {
    ...installation.environment,
    KUBECONFIG: '',
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    SLUICE_SERVICE_ACCOUNT_DIRECTORY: account,
    POD_NAMESPACE: systemNamespace,
    SLUICE_IDENTITY_DIRECTORY: identity,
    POD_NAME: 'sluice-operator-bench',
  };
  return {
    hop: await PlayedHop.open(identity, apiserver.serviceAccountKeyPath),
    start: (nodeFlags = []) =>
      startOperator({ directory, environment, nodeFlags: [...installation.nodeFlags, ...nodeFlags] }),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

type Start = {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly nodeFlags: readonly string[];
};

async function startOperator({ directory, environment, nodeFlags }: Start): Promise<OperatorProcess> {
  const [status = 0, xds = 0] = await freePorts(2);
  const own = await mkdtemp(join(tmpdir(), 'sluice-operator-run-'));
  const logPath = join(own, 'operator.log');
  const ports = { SLUICE_STATUS_PORT: String(status), SLUICE_XDS_PORT: String(xds) };
  const startedAtMs = performance.now();
  const command = [process.execPath, ...nodeFlags, join(directory, 'main.mjs')];
  const child = startLogged(logPath, command, { ...environment, ...ports });
  const pid = pidOf(child);
  const end = guardProcesses(own, [pid]);
  const forget = undoOnInterrupt(end);
  const ask = async (path: string): Promise<Response | undefined> => {
    if (child.exitCode !== null) {
      throw new Error(`The operator ended with exit code ${child.exitCode}. ${await lastLines(logPath)}`);
    }
    return fetch(`http://127.0.0.1:${status}${path}`).catch((error: unknown) => {
      if (isUnreachable(error)) return undefined;
      throw error;
    });
  };
  return {
    pid,
    startedAtMs,
    xdsPort: xds,
    metrics: async () => parseMetrics((await (await ask('/metrics'))?.text()) ?? ''),
    isReady: async () => (await ask('/readyz'))?.ok ?? false,
    stop: async () => {
      forget();
      await terminate(child);
      await end();
    },
  };
}

/** What `fetch` throws when nobody listens; told by its words, since Jest's realm has a TypeError of its own. */
const isUnreachable = (error: unknown) => String(error) === 'TypeError: fetch failed';

async function terminate(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await ended;
}

/** Resolves once the operator says that it is ready. */
export async function untilReady(operator: OperatorProcess): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  while (!(await operator.isReady())) {
    if (performance.now() > deadline) throw new Error(`The operator was not ready within ${readyWithinMs / 1000} s.`);
    await delay(20);
  }
}
