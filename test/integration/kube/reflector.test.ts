// What a cache asks of a real apiserver.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { follow } from './behind-proxy.ts';
import { type Cluster, configMap, connect } from './cluster.ts';
import { Ends } from './ends.ts';

const { configMaps } = RESOURCES;
const ends = new Ends();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
});

afterEach(() => ends.all());
afterAll(() => cluster.close());

test('H18: a metadata-only watch gives objects without their data', async () => {
  const { client, namespace } = cluster;
  await client.create(configMaps, configMap(namespace, 'listed', { big: 'x' }));
  const { store } = follow(ends, { client, namespace, metadataOnly: true });
  await store.synced();
  await client.create(configMaps, configMap(namespace, 'watched', { big: 'x' }));
  await until(() => store.get(`${namespace}/watched`) !== undefined);
  for (const name of ['listed', 'watched']) {
    const object = store.get(`${namespace}/${name}`);
    expect(object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(object).not.toHaveProperty('data');
  }
});
