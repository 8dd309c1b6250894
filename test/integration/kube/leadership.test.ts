// Leadership between real processes: handed over, taken over, and lost by one that stands still.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ClusterAccess } from '@sluice/operator/kube/access/cluster-access.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { type Cluster, type ConfigMap, connect } from './cluster.ts';

const program = fileURLToPath(new URL('leader-program.ts', import.meta.url));
const leaseSeconds = 4;
const timing = `${leaseSeconds}/2.5/0.5`;
/** A candidate looks once a second; two more are for a machine that does other things too. */
const lookMs = 1_000 + 2_000;

interface Candidate {
  readonly child: ChildProcess;
  /** When each line was said, by the clock of this process. */
  readonly saidMs: Map<string, number>;
  readonly output: string[];
}

let cluster: Cluster;
let credentials: string;
const candidates: Candidate[] = [];

beforeAll(async () => {
  cluster = await connect();
  credentials = await mkdtemp(join(tmpdir(), 'sluice-credentials-'));
  await writeCredentials(cluster.access, credentials);
});

afterEach(() => {
  for (const { child } of candidates.splice(0)) child.kill('SIGKILL');
});

afterAll(async () => {
  await rm(credentials, { recursive: true });
  await cluster.close();
});

/** As the kubelet mounts them into a pod: a process that reads them starts faster than one that reads a kubeconfig. */
async function writeCredentials({ tls, headers }: ClusterAccess, directory: string): Promise<void> {
  const token = (await headers(false))['Authorization']?.replace('Bearer ', '') ?? '';
  const files = { 'ca.crt': tls.ca ?? '', namespace: cluster.namespace, token };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content, { mode: 0o600 });
}

async function startCandidate(identity: string, rest: Record<string, string> = {}): Promise<Candidate> {
  const { hostname, port } = new URL(cluster.access.server);
  const env = {
    NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    CREDENTIALS: credentials,
    NAMESPACE: cluster.namespace,
    IDENTITY: identity,
    TIMING: timing,
    ...rest,
  };
  const child = spawn(process.execPath, [program], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const candidate: Candidate = { child, saidMs: new Map(), output: [] };
  createInterface(child.stdout).on('line', (line) => {
    candidate.output.push(line);
    candidate.saidMs.set(line.split(':')[0] ?? '', performance.now());
  });
  child.on('exit', () => candidate.saidMs.set('exit', performance.now()));
  candidates.push(candidate);
  await until(() => candidate.saidMs.has('started'), 30_000);
  return candidate;
}

/** What the leader `identity` wrote last. */
async function count(identity: string): Promise<string | undefined> {
  const name = { namespace: cluster.namespace, name: 'written' };
  return (await cluster.client.get<ConfigMap>(RESOURCES.configMaps, name)).data?.[identity];
}

function momentOf(candidate: Candidate, line: string): number {
  return candidate.saidMs.get(line) ?? Number.NaN;
}

async function exitOf({ child }: Candidate): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

test('H13: a process that has lost the lease and does not end is ended', async () => {
  const one = await startCandidate('lingering', { LINGER: 'yes' });
  await until(() => one.saidMs.has('wrote'), 20_000);
  const lease = await cluster.client.get(RESOURCES.leases, { namespace: cluster.namespace, name: 'leader' });
  await cluster.client.delete(RESOURCES.leases, lease.metadata, { uid: lease.metadata.uid });
  expect(await exitOf(one)).toBe('SIGKILL');
  expect(one.output).toContain('lost: the lease was deleted');
}, 60_000);

describe('two processes', () => {
  let one: Candidate;
  let two: Candidate;
  let names: readonly [string, string];

  beforeEach(async () => {
    await cluster.client
      .find(RESOURCES.leases, { namespace: cluster.namespace, name: 'leader' })
      .then((lease) => lease && cluster.client.delete(RESOURCES.leases, lease.metadata, { uid: lease.metadata.uid }));
    const run = String(Math.round(performance.now()));
    names = [`one-${run}`, `two-${run}`];
    one = await startCandidate(names[0]);
    await until(() => one.saidMs.has('wrote'), 20_000);
    two = await startCandidate(names[1]);
  }, 60_000);

  test('H13: SIGTERM hands over in less than two seconds', async () => {
    const atMs = performance.now();
    one.child.kill('SIGTERM');
    await until(() => two.saidMs.has('acquired'));
    expect(momentOf(two, 'acquired') - atMs).toBeLessThan(2_000);
    expect(await exitOf(one)).toBe(0);
  }, 30_000);

  test('H13: after SIGKILL the other one leads when the lease has run out', async () => {
    const atMs = performance.now();
    one.child.kill('SIGKILL');
    await until(() => two.saidMs.has('acquired'), 20_000);
    expect(momentOf(two, 'acquired') - atMs).toBeLessThan(leaseSeconds * 1000 + lookMs);
  }, 30_000);

  test('H13: a leader that was stopped for two leases and goes on writes nothing, and ends', async () => {
    one.child.kill('SIGSTOP');
    const atMs = performance.now();
    await until(() => two.saidMs.has('wrote'), 20_000);
    const before = await count(names[0]);
    await until(() => performance.now() - atMs > 2 * leaseSeconds * 1000, 20_000);
    one.child.kill('SIGCONT');
    expect(await exitOf(one)).toBe(1);
    expect(one.output.some((line) => /^(fenced|lost: )/.test(line))).toBe(true);
    expect(await count(names[0])).toBe(before);
    expect(two.saidMs.has('lost')).toBe(false);
  }, 60_000);

  test('H18: a main loop that stands still for longer than the renewal deadline ends before another one leads', async () => {
    one.child.stdin?.write('20000\n');
    await until(() => two.saidMs.has('acquired'), 20_000);
    expect(await exitOf(one)).toBe('SIGKILL');
    expect(momentOf(one, 'exit')).toBeLessThan(momentOf(two, 'acquired'));
    const before = await count(names[0]);
    await until(() => two.saidMs.has('wrote'));
    expect(await count(names[0])).toBe(before);
  }, 60_000);
});
