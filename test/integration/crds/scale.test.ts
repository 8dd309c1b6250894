// What `kubectl scale` and autoscalers find: the scale subresource of a ModelDeployment.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { modelDeployment } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';
import { parse } from 'yaml';
import { type Cluster, connect } from '../kube/cluster.ts';
import { installCrds, resourceOf } from './installed-crds.ts';
import { minimal } from './manifests.ts';

const run = promisify(execFile);
const resource = resourceOf(modelDeployment);
const examples = join(import.meta.dirname, '..', '..', '..', 'examples', 'autoscaling');
const autoscaler = join(examples, 'horizontal-pod-autoscaler.yaml');
let cluster: Cluster;

type Deployed = KubeObject & { readonly spec: { readonly server: { readonly replicas: number } } };

beforeAll(async () => {
  cluster = await connect();
  await installCrds(cluster.client);
  const { metadata, ...manifest } = minimal['ModelDeployment'] as KubeObject;
  const owned = { ...manifest, metadata: { ...metadata, namespace: cluster.namespace } };
  await cluster.client.create(resource, owned);
  const status = { scale: { wantedReplicas: 2, replicas: 3, selector: 'sluice.dev/revision=abc' } };
  await kubectl('patch', 'mdep', 'digits', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
});

afterAll(() => cluster.close());

async function kubectl(...args: string[]): Promise<string> {
  const tools = process.env['SLUICE_TEST_TOOLS'] ?? '';
  const kubeconfig = process.env['SLUICE_TEST_KUBECONFIG'] ?? '';
  const all = [`--kubeconfig=${kubeconfig}`, '-n', cluster.namespace, ...args];
  return (await run(join(tools, 'kubectl'), all)).stdout;
}

const read = () => cluster.client.get<Deployed>(resource, { namespace: cluster.namespace, name: 'digits' });

test('it shows what the spec asks for, and the pods of the live revision', async () => {
  const scale = parse(await kubectl('get', 'mdep', 'digits', '--subresource=scale', '-o', 'yaml'));
  expect(scale).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 2 },
    status: { replicas: 3, selector: 'sluice.dev/revision=abc' },
  });
});

test('kubectl scale sets server.replicas, as a change of the spec', async () => {
  const { generation } = (await read()).metadata;
  await kubectl('scale', 'modeldeployment', 'digits', '--replicas=5');
  const after = await read();
  expect(after.spec.server.replicas).toBe(5);
  expect(after.metadata.generation).toBe(generation + 1);
});

test('a manifest without server.replicas leaves what was scaled', async () => {
  const { metadata, ...manifest } = minimal['ModelDeployment'] as KubeObject;
  await cluster.client.apply(resource, { ...manifest, metadata: { ...metadata, namespace: cluster.namespace } });
  expect((await read()).spec.server.replicas).toBe(5);
});

test('kubectl scale to 0 is refused with what to do', async () => {
  await expect(kubectl('scale', 'mdep', 'digits', '--replicas=0')).rejects.toMatchObject({
    stderr: expect.stringContaining('server.replicas must be at least 1: there is no scale to zero'),
  });
});

test('the example of an autoscaler is one, and names a kind that there is', async () => {
  await kubectl('apply', '-f', autoscaler);
  const { spec } = parse(await readFile(autoscaler, 'utf8'));
  expect(spec.scaleTargetRef).toEqual({ apiVersion: 'sluice.dev/v1alpha1', kind: 'ModelDeployment', name: 'digits' });
});
