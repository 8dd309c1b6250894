// What counts as the same training.
import { expect, test } from '@jest/globals';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { specDigest } from './spec-digest.ts';
import { threadsOf } from './threads.ts';

const source = { persistentVolumeClaim: { claimName: 'datasets', path: 'train.csv' } };
const base = {
  modelName: 'digits',
  data: { source, format: 'CSV', target: 'label' },
  trainer: { builtin: { task: 'Classification', architecture: { type: 'MLP' } } },
  storage: { persistentVolumeClaim: { claimName: 'models' } },
};
const digestWith = (changes: object) => specDigest(trainingJobSpecSchema.parse({ ...base, ...changes }));

test.each<[string, object]>([
  ['the model is called otherwise', { modelName: 'numbers' }],
  ['the same data lies elsewhere', { data: { ...base.data, source: { configMap: { name: 'c', key: 'k' } } } }],
  ['the data is pinned', { data: { ...base.data, digest: `sha256:${'a'.repeat(64)}` } }],
  [
    'deadlines, retries and checkpoints change',
    { deadlines: { progressSeconds: 60 }, retry: { hang: 9 }, checkpoint: { keep: 1 } },
  ],
  ['a default is written out', { seed: 0 }],
])('the digest is the same when %s', (_, changes) => {
  expect(digestWith(changes)).toBe(digestWith({}));
});

test.each<[string, object]>([
  ['the seed', { seed: 1 }],
  ['the target', { data: { ...base.data, target: 'other' } }],
  ['the split', { data: { ...base.data, split: { seed: 1 } } }],
  ['a feature', { data: { ...base.data, features: [{ name: 'age', type: 'Number' }] } }],
  [
    'the network',
    { trainer: { builtin: { task: 'Classification', architecture: { type: 'MLP', hiddenUnits: [65] } } } },
  ],
  ['the number of threads', { resources: { cpu: '2' } }],
])('the digest changes with %s', (_, changes) => {
  expect(digestWith(changes)).not.toBe(digestWith({}));
});

test.each([
  ['1', 1],
  ['100m', 1],
  ['1500m', 2],
  ['2.5', 3],
  ['4', 4],
])('a CPU request of %s computes with %i threads', (cpu, threads) => {
  expect(threadsOf(cpu)).toBe(threads);
});
