// Runs a real etcd and kube-apiserver as plain processes for integration tests: no Docker, no root, no node.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { undoOnInterrupt } from '../cluster/interruption.ts';
import { kubernetesTools } from '../cluster/kubernetes-tools.ts';
import { Progress } from '../cluster/progress.ts';
import { freePorts } from './free-ports.ts';
import { lastLines, pidOf, startLogged } from './logged-process.ts';
import { administrators, kubeconfig, type Logins, type User, writeLogins } from './logins.ts';
import { guardProcesses } from './process-guard.ts';

/** A control plane without controllers, scheduler and nodes: it stores and validates objects, nothing acts on them. */
export interface Apiserver {
  /** For example `https://127.0.0.1:40123`. */
  readonly url: string;
  /** Kubeconfig of a user in system:masters (a bearer token and the server's CA). */
  readonly kubeconfigPath: string;
  /** PEM of the CA that signed the server's certificate. */
  readonly certificatePath: string;
  readonly serviceAccountKeyPath: string;
  /** One JSON object a line; empty unless an audit policy was given. */
  readonly auditLogPath: string;
  /** Directory with `kubectl` of the same version. */
  readonly toolsPath: string;
  /** Process ids of `etcd` and `kube-apiserver`. */
  readonly pids: Readonly<Record<'etcd' | 'kube-apiserver', number>>;
  /** Lets a user in that was named at the start. */
  login(user: string): Promise<{ readonly token: string; readonly kubeconfigPath: string }>;
  /** Ends kube-apiserver as a power cut would; etcd stays. */
  crash(): Promise<void>;
  /** Starts it again with the same address and credentials; resolves when it is ready. */
  comeBack(): Promise<void>;
  /** Ends both processes and removes their data. */
  stop(): Promise<void>;
}

/** What a control plane has beyond an administrator. */
export interface ApiserverOptions {
  readonly progress?: Progress;
  readonly users?: readonly User[];
  /** Policy by which requests are written to `auditLogPath`. */
  readonly auditPolicyPath?: string;
}

interface Workplace {
  readonly directory: string;
  readonly toolsPath: string;
  readonly logins: Logins;
  readonly ports: { readonly etcd: number; readonly peer: number; readonly apiserver: number };
}

const readyWithinSeconds = 60;

/**
 * Starts etcd and kube-apiserver on free ports with their data in a temporary directory; ready in about four seconds once
 * the binary is built. Rejects with the last lines of the log of the one that did not come up.
 */
export async function startApiserver(options: ApiserverOptions = {}): Promise<Apiserver> {
  const workplace = await prepare(options);
  const { directory, toolsPath, logins, ports } = workplace;
  const children = { etcd: startEtcd(workplace), 'kube-apiserver': startKubeApiserver(workplace, options) };
  const pids = { etcd: pidOf(children.etcd), 'kube-apiserver': pidOf(children['kube-apiserver']) };
  const stopGuarded = guardProcesses(directory, Object.values(pids));
  const forget = undoOnInterrupt(stopGuarded);
  const stop = () => {
    forget();
    return stopGuarded();
  };
  try {
    const url = `https://127.0.0.1:${ports.apiserver}`;
    const certificatePath = join(directory, 'certificates', 'apiserver.crt');
    const certificate = await untilReady(url, certificatePath, Object.values(children));
    const login = async (user: string) => {
      const token = logins.tokens.get(user);
      if (token === undefined) throw new Error(`${user} may not log in: name it in the options of startApiserver.`);
      const kubeconfigPath = join(directory, `${user.replaceAll(':', '-')}.kubeconfig`);
      await writeFile(kubeconfigPath, kubeconfig({ url, token, certificate }), { mode: 0o600 });
      return { token, kubeconfigPath };
    };
    const { kubeconfigPath } = await login('admin');
    const auditLogPath = auditLogIn(directory);
    const serviceAccountKeyPath = logins.keyPath;
    const paths = { kubeconfigPath, certificatePath, serviceAccountKeyPath, auditLogPath, toolsPath };
    let apiserver = children['kube-apiserver'];
    const comeBack = async () => {
      apiserver = startKubeApiserver(workplace, options);
      // The guard only knows the first one.
      await writeFile(pidPath(directory), `${pidOf(apiserver)}\n`);
      await untilReady(url, certificatePath, [children.etcd, apiserver]);
    };
    return { url, ...paths, pids, login, crash: () => killed(apiserver, directory), comeBack, stop };
  } catch (error) {
    const logs = await Promise.all(Object.keys(children).map((name) => lastLines(join(directory, `${name}.log`))));
    await stop();
    throw new Error(`The control plane for integration tests did not start. ${logs.join('')}`, { cause: error });
  }
}

async function prepare({ progress = new Progress(), users = [] }: ApiserverOptions): Promise<Workplace> {
  const toolsPath = await kubernetesTools(progress);
  const directory = await mkdtemp(join(tmpdir(), 'sluice-apiserver-'));
  const logins = await writeLogins(directory, [...administrators, ...users]);
  const [etcd = 0, peer = 0, apiserver = 0] = await freePorts(3);
  return { directory, toolsPath, logins, ports: { etcd, peer, apiserver } };
}

const pidPath = (directory: string) => join(directory, 'kube-apiserver.pid');

/** Its pid may be another program's soon, so the guard must not know it any more. */
async function killed(apiserver: ChildProcess, directory: string): Promise<void> {
  const ended = once(apiserver, 'exit');
  apiserver.kill('SIGKILL');
  await ended;
  await rm(pidPath(directory), { force: true });
}

const auditLogIn = (directory: string) => join(directory, 'audit.log');

function startEtcd(workplace: Workplace): ChildProcess {
  const client = `http://127.0.0.1:${workplace.ports.etcd}`;
  const peer = `http://127.0.0.1:${workplace.ports.peer}`;
  return start(workplace, 'etcd', [
    `--data-dir=${join(workplace.directory, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
  ]);
}

/** ServiceAccount admission is off: pods need no account then, whether or not a controller makes them. */
function startKubeApiserver(workplace: Workplace, { auditPolicyPath }: ApiserverOptions): ChildProcess {
  const { directory, logins, ports } = workplace;
  return start(workplace, 'kube-apiserver', [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.apiserver}`,
    `--cert-dir=${join(directory, 'certificates')}`,
    `--token-auth-file=${logins.tokensPath}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${logins.keyPath}`,
    `--service-account-signing-key-file=${logins.keyPath}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--disable-admission-plugins=ServiceAccount',
    // As OpenShift does: who makes an owner wait for its children must have a right on the owner.
    '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
    ...(auditPolicyPath === undefined
      ? []
      : [`--audit-policy-file=${auditPolicyPath}`, `--audit-log-path=${auditLogIn(directory)}`]),
  ]);
}

const start = ({ directory, toolsPath }: Workplace, name: string, args: readonly string[]) =>
  startLogged(join(directory, `${name}.log`), [join(toolsPath, name), ...args]);

/** Resolves to the PEM of the CA once the apiserver says that it is ready. */
async function untilReady(url: string, certificatePath: string, children: readonly ChildProcess[]): Promise<string> {
  const deadline = performance.now() + readyWithinSeconds * 1000;
  let problem: unknown;
  while (performance.now() < deadline) {
    const dead = children.find((child) => child.exitCode !== null);
    if (dead) throw new Error(`${dead.spawnfile} ended with exit code ${dead.exitCode}.`);
    try {
      const certificate = await readFile(certificatePath, 'utf8');
      if ((await statusOf(`${url}/readyz`, certificate)) === 200) return certificate;
    } catch (error) {
      problem = error;
    }
    await delay(100);
  }
  throw new Error(`kube-apiserver was not ready within ${readyWithinSeconds} s.`, { cause: problem });
}

function statusOf(url: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ca, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${url} did not answer within 2 s.`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}
