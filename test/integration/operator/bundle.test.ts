// The operator as its image holds it: bundled files, without sources and node_modules, the elector's thread among them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { bundleOperator } from '../../../operator/build.ts';
import { freePorts } from '../free-ports.ts';
import { type Cluster, connect } from '../kube/cluster.ts';

let cluster: Cluster;
let directory: string;

beforeAll(async () => {
  cluster = await connect();
  directory = await mkdtemp(join(tmpdir(), 'sluice-bundle-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
  await cluster.close();
});

test('leads, and gives the lease back when it is told to stop', async () => {
  await bundleOperator(directory);
  const [status, xds] = await freePorts(2);
  const env = {
    PATH: process.env['PATH'],
    KUBECONFIG: process.env['SLUICE_TEST_KUBECONFIG'],
    POD_NAMESPACE: cluster.namespace,
    SLUICE_TRAINER_IMAGE: 'trainer',
    SLUICE_SERVER_IMAGE: 'server',
    SLUICE_GATEWAY_IMAGE: 'gateway',
    SLUICE_XDS_ADDRESS: `localhost:${xds}`,
    SLUICE_STATUS_PORT: String(status),
    SLUICE_XDS_PORT: String(xds),
  };
  const operator = spawn(process.execPath, [join(directory, 'main.mjs')], { env, cwd: directory });
  const lines: string[] = [];
  for (const stream of [operator.stdout, operator.stderr])
    createInterface(stream).on('line', (line) => lines.push(line));
  try {
    await until(() => lines.some((line) => line.includes('"leading"')), 30_000);
    operator.kill('SIGTERM');
    await once(operator, 'exit');
    expect(operator.exitCode).toBe(0);
    const path = `/apis/coordination.k8s.io/v1/namespaces/${cluster.namespace}/leases/sluice-operator`;
    const lease = await cluster.transport.request({ method: 'GET', path, deadline: 'read' });
    expect(lease).toMatchObject({ spec: { holderIdentity: '' } });
  } finally {
    operator.kill('SIGKILL');
  }
}, 60_000);
