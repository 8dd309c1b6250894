// The real operator against a real apiserver, with a bug: it says so, gives the lease back, and ends with 1.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { freePorts } from '../free-ports.ts';
import { type Cluster, connect } from '../kube/cluster.ts';

type Lease = KubeObject & { readonly spec?: { readonly holderIdentity?: string } };
type Line = { readonly level: string; readonly message: string; readonly error?: string };

const program = fileURLToPath(new URL('../../../operator/main.ts', import.meta.url));
/** Preloaded into the operator: on SIGUSR2 its main thread has an error that nobody catches. */
const bug = `import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('SIGUSR2', () => { Promise.reject(new TypeError('a bug')); });`;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await connect();
});
afterAll(() => cluster.close());

test('H7: a rejection that nobody handles is logged, the lease is given back at once, and the process ends with 1', async () => {
  const [statusPort = 0, xdsPort = 0] = await freePorts(2);
  const operator = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(bug)}`, program], {
    env: {
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      KUBECONFIG: process.env['SLUICE_TEST_KUBECONFIG'],
      POD_NAMESPACE: cluster.namespace,
      POD_NAME: 'buggy',
      SLUICE_TRAINER_IMAGE: 'trainer',
      SLUICE_SERVER_IMAGE: 'server',
      SLUICE_GATEWAY_IMAGE: 'gateway',
      SLUICE_XDS_ADDRESS: `127.0.0.1:${xdsPort}`,
      SLUICE_XDS_PORT: String(xdsPort),
      SLUICE_STATUS_PORT: String(statusPort),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const lines: Line[] = [];
    const leads = new Promise<void>((resolve) => {
      createInterface(operator.stdout).on('line', (text) => {
        if ((JSON.parse(text) as Line).message === 'leading') resolve();
      });
    });
    createInterface(operator.stderr).on('line', (text) => lines.push(JSON.parse(text) as Line));
    await leads;
    operator.kill('SIGUSR2');
    const [code] = (await once(operator, 'close')) as [number | null];
    expect(code).toBe(1);
    const last = lines.filter(({ level }) => level === 'error');
    expect(last).toMatchObject([{ message: 'the operator ends: an error that nobody caught', error: 'a bug' }]);
    const name = { namespace: cluster.namespace, name: 'sluice-operator' };
    const lease = await cluster.client.get<Lease>(RESOURCES.leases, name);
    expect(lease.spec?.holderIdentity ?? '').toBe('');
  } finally {
    operator.kill('SIGKILL');
  }
}, 60_000);
