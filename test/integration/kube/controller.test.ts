// A whole controller on a real apiserver: it converges, heals what others break, and is silent when nothing is to be done.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { type Cluster, configMap, connect, createOwner } from './cluster.ts';
import { Ends } from './ends.ts';
import { startTwinController } from './twin-controller.ts';

const { configMaps, services } = RESOURCES;
const ends = new Ends();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
});

afterEach(() => ends.all());
afterAll(() => cluster.close());

test('R15: children appear, come back when somebody deletes them, and a settled controller writes nothing', async () => {
  const { client, namespace } = cluster;
  for (let at = 0; at < 20; at += 1) await createOwner(cluster, `owner-${at}`);
  const { owners, children, controller, total } = startTwinController(ends, { client, namespace });
  const writes = () => total('apply_writes_total');
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
