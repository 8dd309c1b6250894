// What is shared, on a real apiserver: the numbers of a model, which two operators give at once.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readNumbers } from '@sluice/operator/core/numbers/numbers.ts';
import { observe, trainingJob } from '@sluice/operator/core/trainingjob/testing/samples.ts';
import { numberFor } from '@sluice/operator/core/trainingjob/version.ts';
import { applyChildren } from '@sluice/operator/kube/apply/apply.ts';
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import { isConflict } from '@sluice/operator/kube/errors.ts';
import type { KubeObject, Stored } from '@sluice/operator/kube/objects.ts';
import { RESOURCES } from '@sluice/operator/kube/resources.ts';
import { type Cluster, type ConfigMap, configMap, connect, createOwner } from './cluster.ts';

const { configMaps } = RESOURCES;
const name = 'sluice-numbers-digits';
let operators: readonly [Cluster, Cluster];

beforeAll(async () => {
  operators = [await connect(), await connect()];
});

afterAll(() => Promise.all(operators.map((each) => each.close())));

/** Writes it as a child of nobody, decided on by `owner`. */
const write = (client: KubeClient, owner: Stored, object: KubeObject) =>
  applyChildren(client, {
    owner,
    ownerResource: configMaps,
    desired: [{ resource: configMaps, object, isShared: isOurs }],
    live: [],
  });

const isOurs = ({ metadata }: Stored) => metadata.labels?.['app.kubernetes.io/managed-by'] === 'sluice';

/** A round of a job that has ended: it writes its number over what it read, or knows it. */
async function round({ client }: Cluster, uid: string, owner: Stored): Promise<number | undefined> {
  const { namespace = '' } = owner.metadata;
  const read = await client.find<ConfigMap>(configMaps, { namespace, name });
  const job = trainingJob();
  const numbers = { configMap: read && { metadata: read.metadata, data: read.data }, highestNamed: 0 };
  const observed = observe({ trainingJob: { ...job, metadata: { ...job.metadata, uid, namespace } }, numbers });
  const naming = numberFor(observed, { digest: `sha256:${uid.padEnd(64, '0')}` });
  if (naming.type === 'Given') return naming.number;
  if (naming.type === 'Refused') throw new Error(naming.message);
  const object = naming.numbers.manifest as unknown as KubeObject;
  try {
    await write(client, owner, object);
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
  return undefined;
}

async function numberOf(cluster: Cluster, uid: string, owner: Stored): Promise<number> {
  for (let rounds = 0; rounds < 100; rounds += 1) {
    const number = await round(cluster, uid, owner);
    if (number !== undefined) return number;
  }
  throw new Error(`${uid} got no number in 100 rounds`);
}

describe('two operators that give numbers of one model at once', () => {
  test('give each job one number, no number twice, and leave none out', async () => {
    const [first, second] = operators;
    const owner = await createOwner(first, 'job');
    const uids = Array.from({ length: 10 }, (_, index) => `a${index}`);
    const given = await Promise.all(uids.flatMap((uid) => [numberOf(first, uid, owner), numberOf(second, uid, owner)]));
    expect(given.filter((_, index) => index % 2 === 0)).toEqual(given.filter((_, index) => index % 2 === 1));
    expect([...new Set(given)].toSorted((a, b) => a - b)).toEqual(uids.map((_, index) => index + 1));
    const { metadata, data } = await first.client.get<ConfigMap>(configMaps, { namespace: first.namespace, name });
    expect(readNumbers({ configMap: { metadata, data }, highestNamed: 0 })?.highest).toBe(uids.length);
  });
});

describe('a shared object', () => {
  const ours = (namespace: string, changes: object = {}): ConfigMap => {
    const made = configMap(namespace, 'shared', { highest: '1' });
    const labels = { 'app.kubernetes.io/managed-by': 'sluice' };
    return { ...made, metadata: { ...made.metadata, labels, ...changes } };
  };

  test('is written over the version that was read and no other, and is not made again where it was deleted', async () => {
    const [{ client, namespace }] = operators;
    const owner = await createOwner(operators[0], 'writer');
    expect(await write(client, owner, ours(namespace))).toMatchObject({ created: 1 });
    const { uid, resourceVersion } = (await client.get(configMaps, { namespace, name: 'shared' })).metadata;
    const next = { ...ours(namespace, { uid, resourceVersion }), data: { highest: '2' } };
    await write(client, owner, next);
    await expect(write(client, owner, next)).rejects.toMatchObject({ status: 409 });
    await expect(write(client, owner, ours(namespace))).rejects.toMatchObject({ status: 409 });
    await client.delete(configMaps, { namespace, name: 'shared' }, { uid });
    await expect(write(client, owner, next)).rejects.toMatchObject({ status: 409 });
    expect(await client.find(configMaps, { namespace, name: 'shared' })).toBeUndefined();
  });

  test('is left alone where its name belongs to something else', async () => {
    const [{ client, namespace }] = operators;
    const owner = await createOwner(operators[0], 'latecomer');
    await client.create(configMaps, configMap(namespace, 'foreign', { mine: 'yes' }));
    const object = ours(namespace, { name: 'foreign' });
    expect(await write(client, owner, object)).toMatchObject({
      created: 0,
      foreign: [{ kind: 'ConfigMap', name: 'foreign', namespace, isGoing: false }],
    });
    expect(await client.get<ConfigMap>(configMaps, { namespace, name: 'foreign' })).toMatchObject({
      data: { mine: 'yes' },
    });
  });

  test('is not written by whoever has changed since it was seen', async () => {
    const [{ client, namespace }] = operators;
    const owner = await createOwner(operators[0], 'changing');
    await client.replace<ConfigMap>(configMaps, { ...owner, data: { changed: 'yes' } });
    const object = ours(namespace, { name: 'unwritten' });
    await expect(write(client, owner, object)).rejects.toMatchObject({ status: 409 });
    expect(await client.find(configMaps, { namespace, name: 'unwritten' })).toBeUndefined();
  });
});
