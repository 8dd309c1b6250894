// What the apiserver takes and refuses of a TrainingJob.
import { trainingJob } from '@sluice/crds/v1alpha1/training-job.ts';
import { digest } from './manifests.ts';
import type { KindCases } from './rule-case.ts';
import { schedulingRules, schedulingStructure } from './scheduling.cases.ts';

const newJob = 'create a new TrainingJob instead';
const builtin = 'spec.trainer.builtin';
const tensor = { name: 'pixels', type: 'Tensor', columns: 'p*', shape: [28, 28, 1] };
const features = (...list: object[]) => ({ 'spec.data.features': list });
const source = (value: object) => ({ 'spec.data.source': value });
const claimPath = (path: string) => ({ 'spec.data.source.persistentVolumeClaim.path': path });

const structural: KindCases['structural'] = [
  {
    says: "spec.modelName in body should match '^[a-z]([-a-z0-9]*[a-z0-9])?$'",
    at: 'spec.modelName',
    accepts: { 'letters, digits and dashes': { 'spec.modelName': 'digits-2x' } },
    rejects: {
      'upper case': { 'spec.modelName': 'Digits' },
      'a dash at the end': { 'spec.modelName': 'digits-' },
    },
  },
  {
    says: 'spec.modelName in body should be at least 1 chars long',
    at: 'spec.modelName',
    accepts: { 'one letter': { 'spec.modelName': 'm' } },
    rejects: { nothing: { 'spec.modelName': '' } },
  },
  {
    says: 'may not be more than 40',
    at: 'spec.modelName',
    accepts: { '40 characters': { 'spec.modelName': 'm'.repeat(40) } },
    rejects: { '41 characters': { 'spec.modelName': 'm'.repeat(41) } },
  },
  {
    says: 'Required value',
    at: 'spec.storage',
    accepts: { 'a claim': { 'spec.storage': { persistentVolumeClaim: { claimName: 'models' } } } },
    rejects: { 'no storage': { 'spec.storage': undefined } },
  },
  {
    says: 'should match',
    at: 'spec.storage.persistentVolumeClaim.claimName',
    accepts: { 'a name with a dot': { 'spec.storage.persistentVolumeClaim.claimName': 'models.of-us' } },
    rejects: { 'a name with a slash': { 'spec.storage.persistentVolumeClaim.claimName': 'other/models' } },
  },
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
  {
    says: 'should be greater than 0',
    at: `${builtin}.optimizer.learningRate`,
    accepts: { 'a tiny step': { [`${builtin}.optimizer`]: { type: 'SGD', learningRate: 1e-9 } } },
    rejects: { 'no step at all': { [`${builtin}.optimizer`]: { learningRate: 0 } } },
  },
  {
    says: 'Invalid value: "string"',
    at: `${builtin}.epochs`,
    accepts: { 'a number of epochs': { [`${builtin}.epochs`]: 1 } },
    rejects: { 'a number in quotes': { [`${builtin}.epochs`]: '30' } },
  },
  {
    says: 'should match',
    at: 'spec.resources.memory',
    accepts: { 'a quantity with a unit': { 'spec.resources': { cpu: '1.5', memory: '2Gi' } } },
    rejects: { 'a unit that Kubernetes does not know': { 'spec.resources': { memory: '2GB' } } },
  },
  {
    says: 'should match',
    at: 'spec.resources.gpu.resourceName',
    accepts: {
      'one GPU by default': { 'spec.resources': { gpu: {} } },
      'a GPU of another make': {
        'spec.resources': { gpu: { count: 2, resourceName: 'amd.com/gpu', fallback: 'Allow' } },
      },
    },
    rejects: { 'a resource without a vendor': { 'spec.resources': { gpu: { resourceName: 'gpu' } } } },
  },
  {
    says: 'should be greater than or equal to 1',
    at: 'spec.resources.gpu.count',
    accepts: { 'four GPUs': { 'spec.resources': { gpu: { count: 4 } } } },
    rejects: { 'a GPU request for none': { 'spec.resources': { gpu: { count: 0 } } } },
  },
  {
    says: 'should be greater than or equal to 5',
    at: 'spec.deadlines.progressSeconds',
    accepts: { 'five seconds for a step': { 'spec.deadlines': { progressSeconds: 5 } } },
    rejects: { 'a deadline that every step misses': { 'spec.deadlines': { progressSeconds: 1 } } },
  },
  ...schedulingStructure('spec.scheduling'),
];

const rules: KindCases['rules'] = [
  {
    says: 'Duplicate value',
    at: 'spec.data.features[1]',
    accepts: { 'two features': features({ name: 'age', type: 'Number' }, { name: 'city', type: 'Category' }) },
    rejects: { 'one name twice': features({ name: 'age', type: 'Number' }, { name: 'age', type: 'Category' }) },
  },
  {
    says: 'metadata.name must be at most 40 characters, start with a letter and hold only a-z, 0-9 and -',
    at: 'metadata.name',
    accepts: { '40 characters': { 'metadata.name': 'j'.repeat(40) } },
    rejects: {
      '41 characters': { 'metadata.name': 'j'.repeat(41) },
      'a digit in front': { 'metadata.name': '2digits' },
      'a dot': { 'metadata.name': 'my.digits' },
    },
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
  {
    says: 'architecture.hiddenUnits needs type MLP or CNN; Linear and Logistic have no hidden layer',
    at: `${builtin}.architecture`,
    accepts: { 'an MLP with hidden layers': { [`${builtin}.architecture`]: { type: 'MLP', hiddenUnits: [64, 32] } } },
    rejects: { 'a logistic model with one': { [`${builtin}.architecture`]: { type: 'Logistic', hiddenUnits: [64] } } },
  },
  {
    says: 'architecture.filters needs type CNN',
    at: `${builtin}.architecture`,
    accepts: {
      'a CNN with filters': { [`${builtin}.architecture`]: { type: 'CNN', filters: [8, 16] }, ...features(tensor) },
    },
    rejects: { 'an MLP with filters': { [`${builtin}.architecture`]: { type: 'MLP', filters: [8] } } },
  },
  {
    says: 'architecture.type Linear needs task Regression; use Logistic for Classification',
    at: builtin,
    accepts: { 'a linear regression': { [builtin]: { task: 'Regression', architecture: { type: 'Linear' } } } },
    rejects: { 'a linear classification': { [builtin]: { task: 'Classification', architecture: { type: 'Linear' } } } },
  },
  {
    says: 'architecture.type Logistic needs task Classification; use Linear for Regression',
    at: builtin,
    accepts: {
      'a logistic classification': { [builtin]: { task: 'Classification', architecture: { type: 'Logistic' } } },
    },
    rejects: {
      'a logistic regression of numbers': { [builtin]: { task: 'Regression', architecture: { type: 'Logistic' } } },
    },
  },
  {
    says: 'earlyStopping.metric val_accuracy needs task Classification, val_mae needs Regression; val_loss fits both',
    at: builtin,
    accepts: {
      'the loss by default': { [`${builtin}.earlyStopping`]: {} },
      'the accuracy of a classification': { [`${builtin}.earlyStopping`]: { metric: 'val_accuracy' } },
      'the error of a regression': {
        [builtin]: { task: 'Regression', architecture: { type: 'MLP' }, earlyStopping: { metric: 'val_mae' } },
      },
    },
    rejects: {
      'the error of a classification': { [`${builtin}.earlyStopping`]: { metric: 'val_mae' } },
      'the accuracy of a regression': {
        [builtin]: { task: 'Regression', architecture: { type: 'MLP' }, earlyStopping: { metric: 'val_accuracy' } },
      },
    },
  },
  {
    says: 'earlyStopping needs data.split.validationPercent above 0',
    at: 'spec',
    accepts: { neither: { 'spec.data.split': { validationPercent: 0 } } },
    rejects: {
      'nothing to look at': { [`${builtin}.earlyStopping`]: {}, 'spec.data.split': { validationPercent: 0 } },
    },
  },
  {
    says: 'classWeights Balanced needs task Classification',
    at: builtin,
    accepts: { 'balanced classes': { [`${builtin}.classWeights`]: 'Balanced' } },
    rejects: {
      'balanced numbers': {
        [builtin]: { task: 'Regression', architecture: { type: 'MLP' }, classWeights: 'Balanced' },
      },
    },
  },
  {
    says: 'architecture.type CNN needs exactly one feature of type Tensor with shape [height, width, channels] in data.features',
    at: 'spec',
    accepts: { 'an image': { [`${builtin}.architecture.type`]: 'CNN', ...features(tensor) } },
    rejects: {
      'inferred features': { [`${builtin}.architecture.type`]: 'CNN' },
      'a flat tensor': { [`${builtin}.architecture.type`]: 'CNN', ...features({ ...tensor, shape: [784] }) },
      'a number': { [`${builtin}.architecture.type`]: 'CNN', ...features({ name: 'age', type: 'Number' }) },
      'two images': { [`${builtin}.architecture.type`]: 'CNN', ...features(tensor, { ...tensor, name: 'more' }) },
    },
  },
  {
    says: 'memory must be at least 16Mi: give it a unit, such as 512Mi or 2Gi',
    at: 'spec.resources.memory',
    accepts: { '16Mi': { 'spec.resources': { memory: '16Mi' } } },
    rejects: {
      'a forgotten unit': { 'spec.resources': { memory: '512' } },
      '0, which would mean no limit': { 'spec.resources': { memory: '0' } },
    },
  },
  ...schedulingRules('spec.scheduling'),
];

const changeable: KindCases['changeable'] = {
  suspend: { 'spec.suspend': true },
  'a new retryToken': { 'spec.retryToken': '2' },
  'every deadline': { 'spec.deadlines': { pendingSeconds: 60, progressSeconds: 60, activeSeconds: 60 } },
  retention: { 'spec.retention.podsSeconds': 0 },
};

const immutable = (field: string, changes: Record<string, Record<string, unknown>>): KindCases['updates'][number] => ({
  says: `spec.${field} is immutable: ${newJob}`,
  at: `spec.${field}`,
  accepts: { 'a change of something else': { 'spec.suspend': true } },
  rejects: changes,
});

const updates: KindCases['updates'] = [
  immutable('modelName', { 'another name': { 'spec.modelName': 'letters' } }),
  immutable('data', { 'other data': { 'spec.data.digest': digest }, 'another split': { 'spec.data.split.seed': 8 } }),
  immutable('trainer', { 'more epochs': { [`${builtin}.epochs`]: 31 } }),
  immutable('resources', { 'more memory': { 'spec.resources.memory': '2Gi' } }),
  immutable('scheduling', { 'another node': { 'spec.scheduling.nodeSelector': { disk: 'ssd' } } }),
  immutable('seed', { 'another seed': { 'spec.seed': 7 } }),
  immutable('checkpoint', { 'other checkpoints': { 'spec.checkpoint.keep': 1 } }),
  immutable('retry', { 'another budget': { 'spec.retry.hang': 0 } }),
  immutable('storage', { 'another claim': { 'spec.storage.persistentVolumeClaim.claimName': 'other' } }),
];

export const trainingJobCases: KindCases = { kind: trainingJob, structural, rules, changeable, updates };
