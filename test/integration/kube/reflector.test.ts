// The reflector on a real apiserver, cut off in the middle.
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { Reflector } from '@sluice/operator/kube/reflector.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { Store } from '@sluice/operator/kube/store.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { createTransport } from '@sluice/operator/kube/transport.ts';
import { type Cluster, configMap, connect } from './cluster.ts';

const { configMaps } = RESOURCES;
let cluster: Cluster;
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

beforeAll(async () => {
  cluster = await connect();
});

afterAll(() => cluster.close());

/** A way to the apiserver that can be cut, and stays cut until it is mended. */
async function cuttableRelay(target: URL) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((incoming) => {
    if (isCut) {
      incoming.destroy();
      return;
    }
    const outgoing = connectTcp(Number(target.port), target.hostname);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  const mend = (): void => {
    isCut = false;
  };
  const close = (): void => {
    cut();
    server.close();
  };
  return { url: `https://127.0.0.1:${address.port}`, cut, mend, close };
}

function follow(client: KubeClient, options: { metadataOnly?: boolean } = {}) {
  const store = new Store();
  const stop = new AbortController();
  const causes: string[] = [];
  const count = (name: string, labels: Record<string, string> = {}): void => {
    causes.push(`${name} ${labels['cause'] ?? ''}`);
  };
  const instruments = { count, gauge: () => {}, observe: () => {} };
  const { namespace } = cluster;
  const reflector = new Reflector({ client, resource: configMaps, store, namespace, instruments, ...options });
  const running = reflector.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  ends.push(end);
  return { store, causes, end };
}

test('H3, H8: what happens while the connection is cut is told afterwards, without a new list', async () => {
  const { access, client, namespace } = cluster;
  const relay = await cuttableRelay(new URL(access.server));
  const transport = createTransport({ ...access, server: relay.url }, { userAgent: 'kube-runtime-test' });
  const old = await client.create(configMaps, configMap(namespace, 'again', {}));
  const { store, causes, end } = follow(new KubeClient(transport, { fieldManager: 'test' }));
  await store.synced();
  const told: string[] = [];
  store.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.name} ${object.metadata.uid}`));
  relay.cut();
  await client.delete(configMaps, old.metadata, { uid: old.metadata.uid });
  const renewed = await client.create(configMaps, configMap(namespace, 'again', {}));
  relay.mend();
  await until(() => store.get(`${namespace}/again`)?.metadata.uid === renewed.metadata.uid);
  expect(told).toEqual([`deleted again ${old.metadata.uid}`, `added again ${renewed.metadata.uid}`]);
  expect(causes.filter((each) => each.startsWith('relist_total'))).toEqual([]);
  await end();
  await transport.close();
  relay.close();
});

test('H18: a metadata-only watch gives objects without their data', async () => {
  const { client, namespace } = cluster;
  await client.create(configMaps, configMap(namespace, 'listed', { big: 'x' }));
  const { store, end } = follow(client, { metadataOnly: true });
  await store.synced();
  await client.create(configMaps, configMap(namespace, 'watched', { big: 'x' }));
  await until(() => store.get(`${namespace}/watched`) !== undefined);
  for (const name of ['listed', 'watched']) {
    const object = store.get(`${namespace}/${name}`);
    expect(object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(object).not.toHaveProperty('data');
  }
  await end();
});
