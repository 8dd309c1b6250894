// Which pods count: those that a controller of Kubernetes made for a child of ours. Whoever may give a pod labels is not
// believed for them.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { gatewayLabels, routesName } from '../../core/gateway/children.ts';
import { gatewayName, labels } from '../../core/names.ts';
import type { OwnerReference, Stored } from '../../kube/objects.ts';
import { stored } from '../../kube/testing/stored.ts';
import { type Caches, createStores } from '../caches.ts';
import { gatewayPodsOf, podsOfJobs, podsOfModelDeployment, podsOfTrainingJob } from './owned-pods.ts';

let caches: Caches;
beforeEach(() => {
  caches = createStores();
});

const owner = { name: 'digits', namespace: 'ml', uid: 'ours' };
const marks = {
  ...gatewayLabels,
  [labels.modelDeployment]: 'digits',
  [labels.trainingJob]: 'digits',
  [labels.trainingJobUid]: 'ours',
};
const by = (kind: string, uid: string, over: Partial<OwnerReference> = {}): OwnerReference[] => [
  { apiVersion: 'v1', kind, name: uid, uid, controller: true, ...over },
];
const made = (uid: string, ownerReferences: OwnerReference[], namespace = 'ml'): Stored =>
  stored({ name: uid, namespace, uid, labels: marks, ownerReferences });

/** A server Deployment with its ReplicaSet, and an evaluation. */
function serve(): void {
  caches.deployments.upsert(made('deployment', by('ModelDeployment', 'ours')));
  caches.replicaSets.upsert(made('set', by('Deployment', 'deployment')));
  caches.jobs.upsert(made('job', by('ModelDeployment', 'ours')));
}

const foreign: readonly [string, () => Stored][] = [
  ['with our labels alone', () => made('stranger', [])],
  ['of a ReplicaSet that nobody knows', () => made('stranger', by('ReplicaSet', 'unknown'))],
  [
    "of somebody else's Deployment with our labels",
    () => {
      caches.deployments.upsert(made('theirs', []));
      caches.replicaSets.upsert(made('their-set', by('Deployment', 'theirs')));
      return made('stranger', by('ReplicaSet', 'their-set'));
    },
  ],
  [
    'that names our ReplicaSet as an owner that does not control it',
    () => made('stranger', by('ReplicaSet', 'set', { controller: false })),
  ],
  ['of another namespace that names our ReplicaSet', () => made('stranger', by('ReplicaSet', 'set'), 'other')],
  [
    "of another namespace's Job that names our object",
    () => {
      caches.jobs.upsert(made('their-job', by('ModelDeployment', 'ours'), 'other'));
      return made('stranger', by('Job', 'their-job'), 'other');
    },
  ],
];

describe('the pods of a ModelDeployment', () => {
  const uids = () => podsOfModelDeployment(caches, owner).map(({ metadata }) => metadata.uid);

  test('are those of its ReplicaSets and of its evaluations', () => {
    serve();
    caches.pods.upsert(made('server', by('ReplicaSet', 'set')));
    caches.pods.upsert(made('evaluator', by('Job', 'job')));
    expect(uids()).toEqual(['server', 'evaluator']);
  });

  test.each(foreign)('are none %s', (_, pod) => {
    serve();
    caches.pods.upsert(pod());
    expect(uids()).toEqual([]);
  });
});

describe('the pods of a gateway', () => {
  const uids = () => gatewayPodsOf(caches, 'ml').map(({ metadata }) => metadata.uid);
  const deploy = (owners: OwnerReference[]) => {
    const deployment = made('deployment', owners);
    caches.deployments.upsert({ ...deployment, metadata: { ...deployment.metadata, name: gatewayName } });
    caches.replicaSets.upsert(made('set', by('Deployment', 'deployment')));
    caches.pods.upsert(made('gateway', by('ReplicaSet', 'set')));
  };

  test("are those of the table's Deployment", () => {
    deploy(by('ConfigMap', 'table', { name: routesName }));
    expect(uids()).toEqual(['gateway']);
  });

  test.each<[string, OwnerReference[]]>([
    ['belongs to nobody', []],
    ['belongs to something else', by('ConfigMap', 'table', { name: 'other' })],
  ])('are none of a Deployment that has its name and %s', (_, owners) => {
    deploy(owners);
    expect(uids()).toEqual([]);
  });

  test.each(foreign)('are none %s', (_, pod) => {
    deploy(by('ConfigMap', 'table', { name: routesName }));
    caches.pods.upsert(pod());
    expect(uids()).toEqual(['gateway']);
  });
});

describe('the pods of a TrainingJob or a ModelVersion', () => {
  test.each([
    ['TrainingJob', podsOfTrainingJob],
    ['ModelVersion', podsOfJobs],
  ] as const)('are those of the Jobs of that %s, and no others', (kind, podsOf) => {
    caches.jobs.upsert(made('job', by(kind, 'ours')));
    caches.jobs.upsert(made('their-job', []));
    caches.pods.upsert(made('own', by('Job', 'job')));
    caches.pods.upsert(made('of-theirs', by('Job', 'their-job')));
    caches.pods.upsert(made('labelled', []));
    caches.pods.upsert(made('elsewhere', by('Job', 'job'), 'other'));
    expect(podsOf(caches, owner).map(({ metadata }) => metadata.uid)).toEqual(['own']);
  });

  test('of a Job that is gone bear our uid: they may still run', () => {
    caches.pods.upsert(made('lingers', by('Job', 'gone')));
    const others = { ...marks, [labels.trainingJobUid]: 'former' };
    caches.pods.upsert(
      stored({ name: 'former', namespace: 'ml', uid: 'former', labels: others, ownerReferences: by('Job', 'gone') }),
    );
    expect(podsOfTrainingJob(caches, owner).map(({ metadata }) => metadata.uid)).toEqual(['lingers']);
  });
});
