// What the apiserver adds to an object of ours: the defaults of the schemas, and a status that is never read as current.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { kinds } from '@sluice/crds/kinds.ts';
import { type Cluster, connect } from '../kube/cluster.ts';
import { installCrds, resourceOf } from './installed-crds.ts';
import { type Manifest, minimal } from './manifests.ts';

type WithStatus = Manifest & { status?: Record<string, unknown> };
let cluster: Cluster;

beforeAll(async () => {
  cluster = await connect();
  await installCrds(cluster.client);
});

afterAll(() => cluster.close());

describe.each(kinds)('a $kind', (kind) => {
  const resource = resourceOf(kind);
  const manifest = (number: number): WithStatus => {
    const base = minimal[kind.kind];
    if (base === undefined) throw new Error(`no minimal manifest of ${kind.kind}`);
    const name = kind.kind === 'ModelGateway' ? 'default' : `digits-${number}`;
    const metadata = { name, namespace: cluster.namespace };
    return { ...base, metadata, spec: kind.kind === 'ModelVersion' ? { ...base.spec, number } : base.spec };
  };

  /** One name for all: the next test has it free again. */
  afterEach(async () => {
    if (kind.kind !== 'ModelGateway') return;
    const found = await cluster.client.find(resource, manifest(0).metadata);
    if (found) await cluster.client.delete(resource, found.metadata, { uid: found.metadata.uid });
  });

  test('comes back with exactly the defaults that the operator would fill in', async () => {
    const wanted = manifest(1);
    const stored = await cluster.client.create(resource, wanted);
    expect(stored.spec).toEqual(kind.spec.parse(wanted.spec));
    expect(stored.spec).not.toEqual(wanted.spec);
  });

  test('has observedGeneration -1 from the first moment, whatever its maker says', async () => {
    const boast = { ...manifest(2), status: { observedGeneration: 1 } };
    const created = await cluster.client.create<WithStatus>(resource, boast);
    const read = await cluster.client.get<WithStatus>(resource, created.metadata);
    expect([created.status, read.status]).toEqual([{ observedGeneration: -1 }, { observedGeneration: -1 }]);
    expect(read.metadata.generation).toBe(1);
  });

  test('keeps the observedGeneration that the operator wrote when others write the object', async () => {
    const created = await cluster.client.create<WithStatus>(resource, manifest(3));
    const { name, namespace, uid } = created.metadata;
    const { apiVersion } = created;
    const status = { observedGeneration: 1, conditions: [] };
    await cluster.client.applyStatus(resource, {
      apiVersion,
      kind: kind.kind,
      metadata: { name, namespace, uid },
      status,
    });
    const labelled = await cluster.client.apply<WithStatus>(resource, {
      ...manifest(3),
      metadata: { name, namespace, labels: { team: 'vision' } },
    });
    expect(labelled.status).toEqual(status);
  });

  test('is refused with the name of a field that the schema does not know', async () => {
    const { spec, ...rest } = manifest(4);
    const refused = cluster.client.create(resource, { ...rest, spec: { ...spec, hostNetwork: true } });
    await expect(refused).rejects.toThrow('unknown field "spec.hostNetwork"');
  });
});
