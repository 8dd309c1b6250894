// Calls on a real apiserver behind the fault proxy: how many connections, how long, and what a failure leads to.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { serviceAccountAccess } from '@sluice/operator/kube/access/service-account.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { LeaderElector } from '@sluice/operator/kube/lease/lease.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { createTransport } from '@sluice/operator/kube/transport/transport.ts';
import { startFaultProxy } from '../../faults/proxy/fault-proxy.ts';
import { startBehindProxy } from './behind-proxy.ts';
import { type Cluster, configMap, connect } from './cluster.ts';
import { Ends } from './ends.ts';

const { configMaps, leases, namespaces } = RESOURCES;
/** The machine may be busy with other tests. */
jest.setTimeout(60_000);

const ends = new Ends();
let cluster: Cluster;
let namespace: string;

beforeAll(async () => {
  cluster = await connect();
});

beforeEach(async () => {
  namespace = await cluster.createNamespace();
});

afterEach(() => ends.all());
afterAll(() => cluster.close());

test('H11: a thousand calls use at most four sockets', async () => {
  const { proxy, client } = await startBehindProxy(ends);
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 50 }, () => client.get(namespaces, { name: 'default' })));
  }
  expect(proxy.requests({ verbs: ['get'] }).filter(({ status }) => status === 200)).toHaveLength(1_000);
  expect(proxy.connections).toBeLessThanOrEqual(4);
});

describe('H12: what hangs ends at its deadline, and the next call has another connection', () => {
  const deadlinesMs = { write: 2_000, read: 2_000 };

  test('a write that nobody answers', async () => {
    const { proxy, client } = await startBehindProxy(ends, { transport: { deadlinesMs, connections: 1 } });
    proxy.addRule({ match: { verbs: ['create'] }, fault: { kind: 'hang' }, times: 1 });
    const create = () => client.create(configMaps, configMap(namespace, 'hung', {}));
    await expect(create()).rejects.toMatchObject({ name: 'NetworkError', timedOut: true });
    expect((await create()).metadata.name).toBe('hung');
    const [hung, written] = proxy.writes();
    expect([hung?.forwarded, written?.forwarded]).toEqual([false, true]);
    expect(written?.connection).not.toBe(hung?.connection);
  });

  test('H1: a read on a link that has gone deaf', async () => {
    const { proxy, client } = await startBehindProxy(ends, { transport: { deadlinesMs, connections: 1 } });
    proxy.addRule({ match: { verbs: ['get'] }, fault: { kind: 'silence', afterBytes: 20 }, times: 1 });
    const get = () => client.get(namespaces, { name: 'default' });
    await expect(get()).rejects.toMatchObject({ name: 'NetworkError', timedOut: true });
    expect((await get()).metadata.name).toBe('default');
    expect(proxy.connections).toBe(2);
  });
});

test('H14: after a 401 the token is read again, once, and the call succeeds', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-token-'));
  ends.add(() => rm(directory, { recursive: true }));
  const put = (file: string, text: string) => writeFile(join(directory, file), text);
  await Promise.all([put('ca.crt', 'none'), put('namespace', namespace), put('token', 'outdated')]);
  const kubeconfig = process.env['SLUICE_TEST_KUBECONFIG'] ?? '';
  const proxy = await startFaultProxy({ kubeconfig, passCredentials: true });
  ends.add(() => proxy.stop());
  const { Authorization: valid = '' } = await cluster.access.headers(false);
  const rotate = async (): Promise<'answer'> => {
    await put('token', valid.replace('Bearer ', ''));
    return 'answer';
  };
  proxy.addRule({ match: {}, fault: { kind: 'hook', afterCommit: rotate }, nth: 1 });
  const access = await serviceAccountAccess({ host: '127.0.0.1', port: '1', directory });
  const transport = createTransport({ ...access, server: proxy.url }, { userAgent: 'rotated' });
  ends.add(() => transport.close());
  const client = new KubeClient(transport, { fieldManager: 'test' });
  expect((await client.get(namespaces, { name: 'default' })).metadata.name).toBe('default');
  await client.create(configMaps, configMap(namespace, 'after', {}));
  expect(proxy.requests().map(({ verb, status }) => `${verb} ${status}`)).toEqual(['get 401', 'get 200', 'create 201']);
});

/** A candidate that is alone. */
function elect(client: KubeClient) {
  const told: string[] = [];
  const stop = new AbortController();
  const timing = { leaseSeconds: 5, renewSeconds: 4, retrySeconds: 0.2 };
  const elector = new LeaderElector({ client, name: 'lease', namespace, identity: 'only', timing });
  const running = elector.run(stop.signal, {
    onAcquired: () => told.push('acquired'),
    onLost: () => told.push('lost'),
  });
  ends.add(async () => {
    stop.abort();
    await running;
  });
  return { elector, told };
}

describe('a lease', () => {
  test('H21: is kept when a renewal is refused with 429', async () => {
    const { proxy, client } = await startBehindProxy(ends);
    const fault = { kind: 'refuse', status: 429, retryAfterSeconds: 1 } as const;
    proxy.addRule({ match: { verbs: ['update'], resource: 'leases' }, fault, nth: 2 });
    const { elector, told } = elect(client);
    await until(() => proxy.writes().filter(({ verb, status }) => verb === 'update' && status === 200).length >= 3);
    expect(proxy.writes().map(({ status }) => status)).toContain(429);
    expect([elector.isLeader(), ...told]).toEqual([true, 'acquired']);
  });

  test.each(['create', 'update'] as const)('is kept when the answer to its %s is lost', async (verb) => {
    const { proxy, client } = await startBehindProxy(ends);
    proxy.addRule({ match: { verbs: [verb], resource: 'leases' }, fault: { kind: 'dropResponse' }, times: 1 });
    const { elector, told } = elect(client);
    await until(() => proxy.writes().filter(({ status, end }) => status === 200 && end === 'answered').length >= 2);
    expect([elector.isLeader(), ...told]).toEqual([true, 'acquired']);
    expect((await cluster.client.list(leases, { namespace })).items).toHaveLength(1);
  });
});
