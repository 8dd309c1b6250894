// What stands in the way of an attempt's Job.
import { describe, expect, test } from '@jest/globals';
import { findObstacle } from './inputs.ts';
import type { TrainingJobObserved } from './observed.ts';
import { claim, job, observe, trainingJob } from './testing/samples.ts';

const fromConfigMap = trainingJob({
  data: { source: { configMap: { name: 'rows', key: 'train.csv' } }, format: 'CSV', target: 'label' },
});
const configMap = (keys?: readonly string[]) => ({ metadata: { name: 'rows', uid: 'c', creationTimestamp: '' }, keys });
const leaving = {
  ...claim('models'),
  metadata: { ...claim('models').metadata, deletionTimestamp: '2026-01-05T10:00:00Z' },
};
const ownedBy = (apiVersion: string, name: string) => ({
  ...job(1),
  metadata: {
    ...job(1).metadata,
    ownerReferences: [{ apiVersion, kind: 'TrainingJob', name, uid: 'of-before', controller: true }],
  },
});
const ours = 'sluice.dev/v1alpha1';
const goingJob = { ...job(1), metadata: { ...job(1).metadata, ownerReferences: [], deletionTimestamp: 'now' } };
const foreign = { ...job(1), metadata: { ...job(1).metadata, ownerReferences: [] } };

describe('an attempt', () => {
  test.each<[string, Partial<TrainingJobObserved>]>([
    ['its claims are there', {}],
    [
      'its claim is not bound yet: the scheduler may be needed for that',
      { storage: { claim: { ...claim('models'), status: { phase: 'Pending' } } } },
    ],
    ['its ConfigMap has the key', { trainingJob: fromConfigMap, data: { configMap: configMap(['train.csv']) } }],
    ['the keys of its ConfigMap are not known', { trainingJob: fromConfigMap, data: { configMap: configMap() } }],
    ['its Job is there and is ours', { jobs: [job(1)] }],
  ])('may start when %s', (_, changes) => {
    expect(findObstacle(observe(changes))).toBeUndefined();
  });

  test.each<[string, Partial<TrainingJobObserved>, string, RegExp]>([
    [
      'the storage does not exist',
      { storage: {} },
      'StorageMissing',
      /spec\.storage.*models does not exist. Create it/,
    ],
    ['the storage is being deleted', { storage: { claim: leaving } }, 'StorageMissing', /is being deleted/],
    [
      'the storage lost its volume',
      { storage: { claim: { ...claim('models'), status: { phase: 'Lost' } } } },
      'StorageMissing',
      /lost its volume/,
    ],
    [
      'the storage can only be read',
      { storage: { claim: { ...claim('models'), spec: { accessModes: ['ReadOnlyMany'] } } } },
      'StorageReadOnly',
      /ReadWriteOnce/,
    ],
    [
      'the storage is a raw device',
      { storage: { claim: { ...claim('models'), spec: { volumeMode: 'Block' } } } },
      'StorageUnfit',
      /raw device .*Name a claim with volumeMode Filesystem in a new TrainingJob/,
    ],
    [
      'the data claim is a raw device',
      { data: { claim: { ...claim('datasets'), spec: { volumeMode: 'Block' } } } },
      'InputInvalid',
      /raw device/,
    ],
    ['the data claim does not exist', { data: {} }, 'InputInvalid', /spec\.data\.source.*datasets does not exist/],
    [
      'the ConfigMap does not exist',
      { trainingJob: fromConfigMap, data: {} },
      'InputInvalid',
      /ConfigMap rows does not exist/,
    ],
    [
      'the ConfigMap lacks the key',
      { trainingJob: fromConfigMap, data: { configMap: configMap(['x']) } },
      'InputInvalid',
      /no key train\.csv/,
    ],
    [
      'its predecessor has left its Job',
      { jobs: [ownedBy(ours, 'digits')] },
      'PredecessorGoing',
      /earlier TrainingJob/,
    ],
    ['what has its name is being deleted', { jobs: [goingJob] }, 'PredecessorGoing', /to be gone.*finalizers/],
    ['its name belongs to another job', { jobs: [ownedBy(ours, 'other')] }, 'NameTaken', /belongs to something else/],
    [
      'its name belongs to another operator',
      { jobs: [ownedBy('kubeflow.org/v1', 'digits')] },
      'NameTaken',
      /Delete it/,
    ],
    ['its name belongs to somebody else', { jobs: [foreign] }, 'NameTaken', /Job digits-1 belongs to something else/],
  ])('cannot start when %s', (_, changes, reason, message) => {
    const obstacle = findObstacle(observe(changes));
    expect(obstacle?.reason).toBe(reason);
    expect(obstacle?.message).toMatch(message);
    expect(obstacle?.message.length).toBeLessThanOrEqual(200);
  });
});
