// Whom a change concerns, and that nobody else is looked at: with thousands of objects in a namespace, an event must cost
// what it concerns.
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { routesName } from '../core/gateway/children.ts';
import { labels } from '../core/names.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import { stored } from '../kube/testing/stored.ts';
import { type Caches, claimIndex, createStores, modelIndex } from './caches.ts';
import { claimToDeployments } from './controllers/model-deployment.ts';
import { toNeighbours, toReferrers } from './mappers.ts';
import { gatewayPodsOf } from './observe/owned-pods.ts';

const crowd = 5000;
let caches: Caches;
/** How many times the metadata of an object of the crowd was read since the caches were filled. */
let looks: number;

/** An object that notices when it is looked at. */
function watched(object: Stored): Stored {
  const { metadata, ...rest } = object;
  return Object.defineProperty({ ...rest } as Stored, 'metadata', {
    get: () => {
      looks += 1;
      return metadata;
    },
  });
}

const trainingJob = (name: string, claims: { readonly storage: string; readonly data?: string }, namespace = 'ml') => {
  const at = (claimName: string) => ({ persistentVolumeClaim: { claimName, path: 'rows.csv' } });
  const source = claims.data === undefined ? { configMap: { name: claims.storage, key: 'rows.csv' } } : at(claims.data);
  return stored(
    { name, namespace, uid: `${namespace}-${name}` },
    { spec: { storage: at(claims.storage), data: { source } } },
  );
};

const deployment = (name: string, model: string, namespace = 'ml') =>
  stored({ name, namespace, uid: `${namespace}-${name}` }, { spec: { model: { name: model } } });

beforeEach(() => {
  caches = createStores();
  for (let at = 0; at < crowd; at += 1) {
    caches.trainingJobs.upsert(watched(trainingJob(`crowd-${at}`, { storage: 'crowded' })));
    caches.modelDeployments.upsert(watched(deployment(`crowd-${at}`, 'crowded')));
    caches.pods.upsert(
      watched(stored({ name: `crowd-${at}`, namespace: 'ml', labels: { [labels.component]: 'server' } })),
    );
  }
  looks = 0;
});

describe('a claim', () => {
  const concerns = (claim: string, namespace = 'ml') =>
    toReferrers(caches.trainingJobs, claimIndex)(stored({ name: claim, namespace }));

  test('concerns the jobs that name it as storage or as data, each once', () => {
    caches.trainingJobs.upsert(trainingJob('stores', { storage: 'models' }));
    caches.trainingJobs.upsert(trainingJob('reads', { storage: 'others', data: 'models' }));
    caches.trainingJobs.upsert(trainingJob('both', { storage: 'models', data: 'models' }));
    caches.trainingJobs.upsert(trainingJob('config-map', { storage: 'others' }));
    caches.trainingJobs.upsert(trainingJob('elsewhere', { storage: 'models' }, 'other'));
    expect(concerns('models')).toEqual(['ml/stores', 'ml/reads', 'ml/both']);
    expect(concerns('models', 'other')).toEqual(['other/elsewhere']);
    expect(looks).toBe(0);
  });

  test('no longer concerns a job that is gone', () => {
    const job = trainingJob('stores', { storage: 'models' });
    caches.trainingJobs.upsert(job);
    caches.trainingJobs.remove(job);
    expect(concerns('models')).toEqual([]);
  });
});

test('a claim concerns deployments whose pods mount it, and those of a model that has a bundle in it', () => {
  const uri = `pvc://models/digits/sha256-${'b'.repeat(64)}`;
  caches.modelVersions.upsert(
    stored({ name: 'digits-1', namespace: 'ml' }, { spec: { modelName: 'digits', bundle: { uri } } }),
  );
  caches.modelDeployments.upsert(deployment('serves', 'digits'));
  caches.modelDeployments.upsert(deployment('elsewhere', 'digits', 'other'));
  const owner = {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'ModelDeployment',
    name: 'mounts',
    uid: 'm',
    controller: true,
  };
  const volumes = [
    { name: 'storage', persistentVolumeClaim: { claimName: 'models' } },
    { name: 'model', emptyDir: {} },
  ];
  caches.deployments.upsert(
    stored(
      { name: 'mounts-0a', namespace: 'ml', ownerReferences: [owner] },
      { spec: { template: { spec: { volumes } } } },
    ),
  );
  const concerns = claimToDeployments(caches);
  expect(concerns(stored({ name: 'models', namespace: 'ml' }))).toEqual(['ml/mounts', 'ml/serves']);
  expect(concerns(stored({ name: 'others', namespace: 'ml' }))).toEqual([]);
  expect(looks).toBe(0);
});

describe('a version', () => {
  const modelOf = (version: KubeObject) => (version as KubeObject & { model?: string }).model;
  const concerns = (version: object) =>
    toReferrers(caches.modelDeployments, modelIndex, modelOf)(stored({ name: 'v', namespace: 'ml' }, version));

  test('concerns the deployments of its model in its namespace', () => {
    caches.modelDeployments.upsert(deployment('one', 'digits'));
    caches.modelDeployments.upsert(deployment('two', 'digits'));
    caches.modelDeployments.upsert(deployment('elsewhere', 'digits', 'other'));
    expect(concerns({ model: 'digits' })).toEqual(['ml/one', 'ml/two']);
    expect(looks).toBe(0);
  });

  test('follows a deployment that changed its model', () => {
    const before = deployment('one', 'digits');
    const after = { ...deployment('one', 'letters'), metadata: { ...before.metadata, resourceVersion: '2' } };
    caches.modelDeployments.upsert(before);
    caches.modelDeployments.upsert(after);
    expect([concerns({ model: 'digits' }), concerns({ model: 'letters' })]).toEqual([[], ['ml/one']]);
  });

  test('without a model concerns nobody', () => {
    expect(concerns({})).toEqual([]);
  });
});

describe('what a namespace shares', () => {
  const toAll = () => toNeighbours(caches.modelDeployments, ({ metadata }) => metadata.name === 'shared');

  test('concerns everything in it', () => {
    caches.modelDeployments.upsert(deployment('elsewhere', 'digits', 'other'));
    expect(toAll()(stored({ name: 'shared', namespace: 'other' }))).toEqual(['other/elsewhere']);
    expect(toAll()(stored({ name: 'shared', namespace: 'ml' }))).toHaveLength(crowd);
  });

  test('is the only thing for which anybody is looked at', () => {
    const listed = jest.spyOn(caches.modelDeployments, 'inNamespace');
    expect(toAll()(stored({ name: 'pod', namespace: 'ml' }))).toEqual([]);
    expect(listed).not.toHaveBeenCalled();
  });
});

test('gateway pods are found among thousands of others without looking at them', () => {
  const table = { apiVersion: 'v1', kind: 'ConfigMap', name: routesName, uid: 'table', controller: true };
  const by = (kind: string, uid: string) => [{ apiVersion: 'apps/v1', kind, name: uid, uid, controller: true }];
  for (const namespace of ['ml', 'other']) {
    const at = (uid: string) => ({ name: uid, namespace, uid: `${namespace}-${uid}` });
    caches.deployments.upsert(stored({ ...at('sluice-gateway'), ownerReferences: [table] }));
    caches.replicaSets.upsert(
      stored({ ...at('set'), ownerReferences: by('Deployment', `${namespace}-sluice-gateway`) }),
    );
    caches.pods.upsert(stored({ ...at('pod'), ownerReferences: by('ReplicaSet', `${namespace}-set`) }));
  }
  expect(gatewayPodsOf(caches, 'ml').map(({ metadata }) => metadata.uid)).toEqual(['ml-pod']);
  expect(looks).toBe(0);
});

test.each<[string, { kind?: string; spec?: object }]>([
  ['no spec', {}],
  ['an empty spec', { spec: {} }],
  ['a spec without claims', { spec: { storage: {}, data: {} } }],
])('an object with %s is kept and refers to nothing', (_, body) => {
  for (const store of [caches.trainingJobs, caches.modelDeployments, caches.modelVersions, caches.deployments]) {
    store.upsert(stored({ name: 'odd' }, body));
    expect(store.get('default/odd')).toBeDefined();
  }
});
