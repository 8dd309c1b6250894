// What the apiserver takes and refuses of a TrainingJob.
import { trainingJob } from '@sluice/crds/v1alpha1/training-job.ts';
import { digest } from './manifests.ts';
import { podMetadataRules, podMetadataStructure, quotaRules } from './pod-metadata.cases.ts';
import type { KindCases } from './rule-case.ts';
import { schedulingRules, schedulingStructure } from './scheduling.cases.ts';
import { builtin, trainerRules, trainerStructure } from './trainer.cases.ts';
import { dataRules, dataStructure } from './training-data.cases.ts';

const newJob = 'create a new TrainingJob instead';

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
    rejects: {
      'a resource without a vendor': { 'spec.resources': { gpu: { resourceName: 'gpu' } } },
      'a vendor with two dots in a row': { 'spec.resources': { gpu: { resourceName: 'nvidia..com/gpu' } } },
      'a name that begins with a dash': { 'spec.resources': { gpu: { resourceName: 'nvidia.com/-gpu' } } },
      'a name of 64 characters': { 'spec.resources': { gpu: { resourceName: `nvidia.com/${'g'.repeat(64)}` } } },
    },
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
  ...podMetadataStructure,
  ...dataStructure,
  ...trainerStructure,
];

const rules: KindCases['rules'] = [
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
    says: 'memory must be at least 16Mi: give it a unit, such as 512Mi or 2Gi',
    at: 'spec.resources.memory',
    accepts: { '16Mi': { 'spec.resources': { memory: '16Mi' } } },
    rejects: {
      'a forgotten unit': { 'spec.resources': { memory: '512' } },
      '0, which would mean no limit': { 'spec.resources': { memory: '0' } },
    },
  },
  {
    says: 'gpu.resourceName is the name that nodes advertise, without requests.',
    at: 'spec.resources.gpu.resourceName',
    accepts: { 'a share of a GPU': { 'spec.resources': { gpu: { resourceName: 'nvidia.com/mig-1g.5gb' } } } },
    rejects: { 'the name of a quota': { 'spec.resources': { gpu: { resourceName: 'requests.nvidia.com/gpu' } } } },
  },
  ...schedulingRules('spec.scheduling'),
  ...podMetadataRules,
  ...quotaRules('spec.resources'),
  ...dataRules,
  ...trainerRules,
];

const changeable: KindCases['changeable'] = {
  suspend: { 'spec.suspend': true },
  'a new retryToken': { 'spec.retryToken': '2' },
  'every deadline': { 'spec.deadlines': { pendingSeconds: 60, progressSeconds: 60, activeSeconds: 60 } },
  retention: { 'spec.retention.podsSeconds': 0 },
  podMetadata: { 'spec.podMetadata': { labels: { team: 'ml' } } },
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
