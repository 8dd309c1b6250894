// What the apiserver takes and refuses of the data of a TrainingJob.
import { digest } from './manifests.ts';
import type { RuleCase } from './rule-case.ts';

/** An image in columns. */
export const tensor = { name: 'pixels', type: 'Tensor', columns: 'p*', shape: [28, 28, 1] };
export const features = (...list: object[]) => ({ 'spec.data.features': list });
const source = (value: object) => ({ 'spec.data.source': value });
const claimPath = (path: string) => ({ 'spec.data.source.persistentVolumeClaim.path': path });

export const dataStructure: readonly RuleCase[] = [
  {
    says: 'supported values: "CSV", "JSONLines"',
    at: 'spec.data.format',
    accepts: { 'JSON lines': { 'spec.data.format': 'JSONLines' } },
    rejects: { 'a format that is not there yet': { 'spec.data.format': 'Parquet' } },
  },
  {
    says: "should match '^sha256:[0-9a-f]{64}$'",
    at: 'spec.data.digest',
    accepts: { 'a digest': { 'spec.data.digest': digest } },
    rejects: { 'a digest without its algorithm': { 'spec.data.digest': digest.slice(7) } },
  },
  {
    says: 'should match',
    at: 'spec.data.source.persistentVolumeClaim.path',
    accepts: { 'a nested path': claimPath('a/b_c/d-1.csv') },
    rejects: { 'an absolute path': claimPath('/etc/passwd'), 'a doubled slash': claimPath('a//b') },
  },
  {
    says: 'must have at most 64 items',
    at: 'spec.data.missing',
    accepts: { 'no words': { 'spec.data.missing': [] }, 'some words': { 'spec.data.missing': ['?', '-999'] } },
    rejects: { 'too many words': { 'spec.data.missing': Array.from({ length: 65 }, String) } },
  },
  {
    says: 'should be less than or equal to 50',
    at: 'spec.data.split.testPercent',
    accepts: { 'half of the rows for the test': { 'spec.data.split': { testPercent: 50 } } },
    rejects: { 'most of the rows for the test': { 'spec.data.split': { testPercent: 51 } } },
  },
  {
    says: 'should be greater than or equal to 1',
    at: 'spec.data.split.testPercent',
    accepts: { 'a small test part': { 'spec.data.split': { testPercent: 1 } } },
    rejects: { 'a model that nothing judges': { 'spec.data.split': { testPercent: 0 } } },
  },
];

export const dataRules: readonly RuleCase[] = [
  {
    says: 'Duplicate value',
    at: 'spec.data.features[1]',
    accepts: { 'two features': features({ name: 'age', type: 'Number' }, { name: 'city', type: 'Category' }) },
    rejects: { 'one name twice': features({ name: 'age', type: 'Number' }, { name: 'age', type: 'Category' }) },
  },
  {
    says: 'set exactly one of persistentVolumeClaim, configMap',
    at: 'spec.data.source',
    accepts: { 'a ConfigMap': source({ configMap: { name: 'iris', key: 'iris.csv' } }) },
    rejects: {
      'no source': source({}),
      'two sources': source({
        configMap: { name: 'iris', key: 'iris.csv' },
        persistentVolumeClaim: { claimName: 'datasets', path: 'iris.csv' },
      }),
    },
  },
  {
    says: 'path must be relative and without . or .. parts',
    at: 'spec.data.source.persistentVolumeClaim',
    accepts: { 'dots inside a name': claimPath('v1..2/train.csv') },
    rejects: {
      'a way out of the claim': claimPath('../secrets.csv'),
      'a way out further down': claimPath('a/../../b.csv'),
      'the same directory': claimPath('./train.csv'),
    },
  },
  {
    says: 'a Tensor feature needs columns and shape; Number and Category take at most column',
    at: 'spec.data.features[0]',
    accepts: {
      'a tensor': features(tensor),
      'a renamed column': features({ name: 'age', type: 'Number', column: 'AGE' }),
    },
    rejects: {
      'a tensor without a shape': features({ name: 'pixels', type: 'Tensor', columns: 'p*' }),
      'a tensor of one column': features({ ...tensor, column: 'p1' }),
      'a number of many columns': features({ name: 'age', type: 'Number', columns: 'a*' }),
    },
  },
  {
    says: 'columns is a pattern such as p* or a list such as a,b,c',
    at: 'spec.data.features[0]',
    accepts: { 'a list of columns': features({ ...tensor, columns: 'a,b,c', shape: [3] }) },
    rejects: { 'a range, which is not supported': features({ ...tensor, columns: 'p0..p783' }) },
  },
  {
    says: 'split leaves no rows to train on: keep the sum of validationPercent and testPercent below 100',
    at: 'spec.data.split',
    accepts: { 'one percent to train on': { 'spec.data.split': { validationPercent: 49, testPercent: 50 } } },
    rejects: { 'nothing to train on': { 'spec.data.split': { validationPercent: 50, testPercent: 50 } } },
  },
  {
    says: 'data.target must not be one of data.features: the model would read its own answer',
    at: 'spec',
    accepts: { 'other columns than the target': features({ name: 'age', type: 'Number' }) },
    rejects: {
      'the target as a feature': features({ name: 'label', type: 'Category' }),
      'the target under another name': features({ name: 'hint', type: 'Category', column: 'label' }),
    },
  },
];
