// A whole controller on a real apiserver: it converges, heals what others break, and is silent when nothing is to be done.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { applyChildren, liveChildren } from '@sluice/operator/kube/apply.ts';
import { KubeClient } from '@sluice/operator/kube/client.ts';
import { Controller } from '@sluice/operator/kube/controller.ts';
import type { Stored } from '@sluice/operator/kube/objects.ts';
import { Reflector } from '@sluice/operator/kube/reflector.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { Store } from '@sluice/operator/kube/store.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { createTransport } from '@sluice/operator/kube/transport.ts';
import { toController, toSelf, watch } from '@sluice/operator/kube/watches.ts';
import { type Cluster, type ConfigMap, configMap, connect, createOwner } from './cluster.ts';

const { configMaps, services } = RESOURCES;
let cluster: Cluster;
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

beforeAll(async () => {
  cluster = await connect();
});

afterAll(() => cluster.close());

/** Gives each ConfigMap of the namespace a headless Service of the same name. */
function startController() {
  let writes = 0;
  const count = (name: string, labels: Record<string, string> = {}): void => {
    if (name === 'rest_client_requests_total' && labels['method'] !== 'GET') writes += 1;
  };
  const instruments = { count, gauge: () => {}, observe: () => {} };
  const transport = createTransport(cluster.access, { userAgent: 'kube-runtime-test', instruments });
  const client = new KubeClient(transport, { fieldManager: 'controller' });
  const owners = new Store<ConfigMap>();
  const children = new Store();
  const { namespace } = cluster;
  const reflectors = [
    new Reflector({ client, resource: configMaps, store: owners, namespace }),
    new Reflector({ client, resource: services, store: children, namespace }),
  ];
  const reconcile = async (key: string, signal: AbortSignal): Promise<undefined> => {
    const owner = owners.get(key);
    if (owner === undefined) return;
    const live = liveChildren(owner, [{ resource: services, store: children }]);
    await applyChildren(client, { owner, desired: [{ resource: services, object: service(owner) }], live, signal });
  };
  const watches = [watch(owners, toSelf), watch(children, toController({ kind: 'ConfigMap' }))];
  const controller = new Controller({ name: 'test', watches, reconcile });
  const stop = new AbortController();
  const running = [...reflectors, controller].map((each) => each.run(stop.signal));
  ends.push(async () => {
    stop.abort();
    await Promise.all(running);
    await transport.close();
  });
  return { owners, children, controller, writes: () => writes };
}

function service(owner: Stored) {
  const { name, namespace } = owner.metadata;
  const spec = { clusterIP: 'None', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
}

test('R15: children appear, come back when somebody deletes them, and a settled controller writes nothing', async () => {
  const { client, namespace } = cluster;
  for (let at = 0; at < 20; at += 1) await createOwner(cluster, `owner-${at}`);
  const { owners, children, controller, writes } = startController();
  await until(() => children.size === 20);
  const victim = children.get(`${namespace}/owner-3`);
  if (victim === undefined) throw new Error('no child of owner-3');
  await client.delete(services, victim.metadata, { uid: victim.metadata.uid });
  await until(() => {
    const healed = children.get(`${namespace}/owner-3`);
    return healed !== undefined && healed.metadata.uid !== victim.metadata.uid;
  });
  await until(() => writes() === 21);
  for (const owner of owners.all()) controller.enqueue(`${namespace}/${owner.metadata.name}`);
  await client.create(configMaps, configMap(namespace, 'last', {}));
  await until(() => children.get(`${namespace}/last`) !== undefined);
  await until(() => writes() >= 22);
  expect(writes()).toBe(22);
});
