// Runs a real etcd and kube-apiserver as plain processes for integration tests: no Docker, no root, no node.
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { undoOnInterrupt } from '../cluster/interruption.ts';
import { kubernetesTools } from '../cluster/kubernetes-tools.ts';
import { Progress } from '../cluster/progress.ts';
import { freePorts } from './free-ports.ts';
import { guardProcesses } from './process-guard.ts';

/** A control plane without controllers, scheduler and nodes: it stores and validates objects, nothing acts on them. */
export interface Apiserver {
  /** For example `https://127.0.0.1:40123`. */
  readonly url: string;
  /** Kubeconfig of a user in system:masters (a bearer token and the server's CA). */
  readonly kubeconfigPath: string;
  /** Directory with `kubectl` of the same version. */
  readonly toolsPath: string;
  /** Ends both processes and removes their data. */
  stop(): Promise<void>;
}

interface Workplace {
  readonly directory: string;
  readonly toolsPath: string;
}

const readyWithinSeconds = 60;

/**
 * Starts etcd and kube-apiserver on free ports with their data in a temporary directory; ready in about four seconds once
 * the binary is built. Rejects with the last lines of the log of the one that did not come up.
 */
export async function startApiserver(progress = new Progress()): Promise<Apiserver> {
  const toolsPath = await kubernetesTools(progress);
  const workplace = { directory: await mkdtemp(join(tmpdir(), 'sluice-apiserver-')), toolsPath };
  const settings = await makeSettings();
  const children = [startEtcd(workplace, settings), await startKubeApiserver(workplace, settings)];
  const stopGuarded = guardProcesses(workplace.directory, children.map(pidOf));
  const forget = undoOnInterrupt(stopGuarded);
  const stop = () => {
    forget();
    return stopGuarded();
  };
  try {
    const url = `https://127.0.0.1:${settings.port}`;
    const certificate = await untilReady(url, join(workplace.directory, 'certificates', 'apiserver.crt'), children);
    const kubeconfigPath = join(workplace.directory, 'kubeconfig');
    await writeFile(kubeconfigPath, kubeconfig({ url, token: settings.token, certificate }), { mode: 0o600 });
    return { url, kubeconfigPath, toolsPath, stop };
  } catch (error) {
    const logs = await Promise.all(['etcd', 'kube-apiserver'].map((name) => lastLines(workplace, name)));
    await stop();
    throw new Error(`The control plane for integration tests did not start. ${logs.join('')}`, { cause: error });
  }
}

interface Settings {
  readonly etcdPort: number;
  readonly peerPort: number;
  readonly port: number;
  readonly token: string;
}

async function makeSettings(): Promise<Settings> {
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3);
  return { etcdPort, peerPort, port, token: randomBytes(16).toString('hex') };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} could not be started.`);
  return child.pid;
}

function startEtcd(workplace: Workplace, settings: Settings): ChildProcess {
  const client = `http://127.0.0.1:${settings.etcdPort}`;
  const peer = `http://127.0.0.1:${settings.peerPort}`;
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

/** ServiceAccount admission is off: no controller makes the accounts that it would look for. */
async function startKubeApiserver(workplace: Workplace, settings: Settings): Promise<ChildProcess> {
  const keyPath = join(workplace.directory, 'service-account.key');
  const tokensPath = join(workplace.directory, 'tokens.csv');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(keyPath, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  await writeFile(tokensPath, `${settings.token},admin,admin,system:masters\n`, { mode: 0o600 });
  return start(workplace, 'kube-apiserver', [
    `--etcd-servers=http://127.0.0.1:${settings.etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${settings.port}`,
    `--cert-dir=${join(workplace.directory, 'certificates')}`,
    `--token-auth-file=${tokensPath}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${keyPath}`,
    `--service-account-signing-key-file=${keyPath}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--disable-admission-plugins=ServiceAccount',
  ]);
}

function start(workplace: Workplace, name: string, args: readonly string[]): ChildProcess {
  const log = openSync(join(workplace.directory, `${name}.log`), 'w');
  return spawn(join(workplace.toolsPath, name), args, { stdio: ['ignore', log, log], detached: true });
}

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

function kubeconfig(access: { url: string; token: string; certificate: string }): string {
  const certificate = Buffer.from(access.certificate).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: access.url, 'certificate-authority-data': certificate } }],
    users: [{ name: 'admin', user: { token: access.token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}

async function lastLines(workplace: Workplace, name: string): Promise<string> {
  const log = await readFile(join(workplace.directory, `${name}.log`), 'utf8').catch((error: Error) => error.message);
  return `${name}: ${log.trimEnd().split('\n').slice(-3).join('\n')}\n`;
}
