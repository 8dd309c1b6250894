// The verbs against a real apiserver: what it accepts and refuses.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isAlreadyExists, isConflict, isInvalid, isNotFound } from '@sluice/operator/kube/errors.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { type Cluster, type ConfigMap, configMap, connect } from './cluster.ts';

const { configMaps } = RESOURCES;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
});

afterAll(() => cluster.close());

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
