// The verbs against a real apiserver: what it accepts, refuses and how many connections it sees.
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { loadClusterAccess } from '@sluice/operator/kube/cluster-access.ts';
import { isAlreadyExists, isConflict, isInvalid, isNotFound } from '@sluice/operator/kube/errors.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { createTransport } from '@sluice/operator/kube/transport.ts';
import { type Cluster, type ConfigMap, configMap, connect } from './cluster.ts';

const { configMaps } = RESOURCES;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
});

afterAll(() => cluster.close());

interface Relay {
  readonly port: number;
  readonly connections: () => number;
  /** From now on the connections that are open carry nothing more, in either direction, and are not closed either. */
  freeze(): void;
  close(): void;
}

/** A way to the apiserver that counts connections and can leave them half open. */
async function openRelay(target: URL): Promise<Relay> {
  const sockets = new Set<Socket>();
  const frozen: (() => void)[] = [];
  const server: Server = createServer((incoming) => {
    const outgoing = connectTcp(Number(target.port), target.hostname);
    sockets.add(incoming);
    for (const socket of [incoming, outgoing]) socket.on('error', () => socket.destroy());
    incoming.pipe(outgoing).pipe(incoming);
    frozen.push(() => {
      incoming.unpipe(outgoing);
      outgoing.unpipe(incoming);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  const freeze = (): void => {
    for (const each of frozen.splice(0)) each();
  };
  return { port: address.port, connections: () => sockets.size, freeze, close };
}

describe('connections', () => {
  test('H11: a thousand calls use at most four sockets', async () => {
    const access = await loadClusterAccess({ kubeconfig: process.env['SLUICE_TEST_KUBECONFIG'] });
    const relay = await openRelay(new URL(access.server));
    const transport = createTransport(
      { ...access, server: `https://127.0.0.1:${relay.port}` },
      { userAgent: 'kube-runtime-test' },
    );
    const client = new KubeClient(transport, { fieldManager: 'test' });
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => client.get(RESOURCES.namespaces, { name: 'default' })));
    }
    expect(relay.connections()).toBeLessThanOrEqual(4);
    await transport.close();
    relay.close();
  });
});

describe('half-open connections', () => {
  test('H1, H12: a call on a connection that went deaf fails at its deadline, and the next call has a new one', async () => {
    const relay = await openRelay(new URL(cluster.access.server));
    const access = { ...cluster.access, server: `https://127.0.0.1:${relay.port}` };
    const deadlinesMs = { read: 300 };
    const transport = createTransport(access, { userAgent: 'kube-runtime-test', connections: 1, deadlinesMs });
    const client = new KubeClient(transport, { fieldManager: 'test' });
    const name = { name: 'default' };
    await client.list(RESOURCES.namespaces);
    relay.freeze();
    const error = await client.get(RESOURCES.namespaces, name).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'NetworkError', timedOut: true });
    const { items } = await client.list(RESOURCES.namespaces);
    expect(items.map((each) => each.metadata.name)).toContain('default');
    expect(relay.connections()).toBe(2);
    await transport.close();
    relay.close();
  });
});

describe('verbs', () => {
  test('an absent object is NotFound, a taken name AlreadyExists', async () => {
    const { client, namespace } = cluster;
    const absent = await client.get(configMaps, { namespace, name: 'none' }).catch((thrown: unknown) => thrown);
    expect(isNotFound(absent)).toBe(true);
    expect(await client.find(configMaps, { namespace, name: 'none' })).toBeUndefined();
    await client.create(configMaps, configMap(namespace, 'taken', {}));
    const error = await client.create(configMaps, configMap(namespace, 'taken', {})).catch((thrown: unknown) => thrown);
    expect(isAlreadyExists(error)).toBe(true);
  });

  test('H15: an unknown field is refused, not dropped', async () => {
    const { client, namespace } = cluster;
    const wrong = { ...configMap(namespace, 'wrong', {}), dta: { a: '1' } };
    const created = await client.create(configMaps, wrong).catch((thrown: unknown) => thrown);
    expect(isInvalid(created)).toBe(true);
    expect(String(created)).toContain('unknown field "dta"');
    const applied = await client.apply(configMaps, wrong).catch((thrown: unknown) => thrown);
    expect(String(applied)).toContain('.dta: field not declared in schema');
    expect(await client.find(configMaps, { namespace, name: 'wrong' })).toBeUndefined();
  });

  test('applying with the UID of a deleted predecessor is a conflict and creates nothing', async () => {
    const { client, namespace } = cluster;
    const first = await client.apply<ConfigMap>(configMaps, configMap(namespace, 'twice', { a: '1' }));
    await client.delete(configMaps, first.metadata, { uid: first.metadata.uid });
    const fenced = configMap(namespace, 'twice', { a: '2' });
    fenced.metadata.uid = first.metadata.uid;
    expect(isConflict(await client.apply(configMaps, fenced).catch((thrown: unknown) => thrown))).toBe(true);
    const second = await client.apply(configMaps, configMap(namespace, 'twice', { a: '3' }));
    expect(isConflict(await client.apply(configMaps, fenced).catch((thrown: unknown) => thrown))).toBe(true);
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
  });

  test('a deletion with the UID of a predecessor leaves the successor', async () => {
    const { client, namespace } = cluster;
    const name = { namespace, name: 'successor' };
    const first = await client.create(configMaps, configMap(namespace, name.name, {}));
    await client.delete(configMaps, name, { uid: first.metadata.uid });
    const second = await client.create(configMaps, configMap(namespace, name.name, {}));
    const error = await client.delete(configMaps, name, { uid: first.metadata.uid }).catch((thrown: unknown) => thrown);
    expect(isConflict(error)).toBe(true);
    expect((await client.get(configMaps, name)).metadata.uid).toBe(second.metadata.uid);
  });

  test('H18: a list comes in pages and is whole', async () => {
    const { client, namespace } = cluster;
    const names = Array.from({ length: 7 }, (_, at) => `page-${at}`);
    for (const name of names) {
      const object = configMap(namespace, name, {});
      await client.create(configMaps, { ...object, metadata: { ...object.metadata, labels: { paged: 'yes' } } });
    }
    const sizes: number[] = [];
    for await (const page of client.pages(configMaps, { namespace, labelSelector: 'paged=yes', limit: 3 })) {
      sizes.push(page.items.length);
    }
    expect(sizes).toEqual([3, 3, 1]);
  });

  test('H9: a list item has the kind that the apiserver leaves out, and strings for times', async () => {
    const { items } = await cluster.client.list(RESOURCES.namespaces);
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Namespace' });
    expect(typeof items[0]?.metadata.creationTimestamp).toBe('string');
  });
});
