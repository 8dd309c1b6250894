// What the apiserver takes and refuses of a ModelVersion.
import { modelVersion } from '@sluice/crds/v1alpha1/model-version.ts';
import { bundleUri, digest, otherDigest } from './manifests.ts';
import type { KindCases } from './rule-case.ts';

const metric = { name: 'accuracy', split: 'test', value: 0.96, lower: 0.94, upper: 0.98, n: 360 };
const withoutInterval = { name: 'rmse', split: 'test', value: 3, n: 12, noInterval: 'too few rows' };

const structural: KindCases['structural'] = [
  {
    says: 'should match',
    at: 'spec.bundle.uri',
    accepts: { 'a claim with a dot': { 'spec.bundle.uri': bundleUri('digits').replace('models', 'models.v1') } },
    rejects: {
      'a place outside of claims': { 'spec.bundle.uri': 'https://example.com/model' },
      'a way out of the claim': { 'spec.bundle.uri': `pvc://models/../${digest.replace(':', '-')}` },
    },
  },
  {
    says: 'supported values: "TFJSLayers"',
    at: 'spec.bundle.format',
    accepts: { 'the size as well': { 'spec.bundle.bytes': 40_211 } },
    rejects: { 'a format that is not there yet': { 'spec.bundle.format': 'ONNX' } },
  },
  {
    says: 'should be greater than or equal to 1',
    at: 'spec.number',
    accepts: { 'the first version': { 'spec.number': 1, 'metadata.name': 'digits-1' } },
    rejects: { 'a version before the first': { 'spec.number': 0, 'metadata.name': 'digits-0' } },
  },
  {
    says: 'should be less than or equal to 2000000000',
    at: 'spec.number',
    accepts: { 'a higher number': { 'spec.number': 4, 'metadata.name': 'digits-4' } },
    rejects: { 'a number after the last': { 'spec.number': 2_000_000_001, 'metadata.name': 'digits-2000000001' } },
  },
];

const rules: KindCases['rules'] = [
  {
    says: 'give lower and upper, or say in noInterval why there is no interval',
    at: 'spec.metrics[0]',
    accepts: {
      'a metric with its interval': { 'spec.metrics': [metric] },
      'a metric that says why it has none': { 'spec.metrics': [withoutInterval] },
    },
    rejects: {
      'neither an interval nor why not': { 'spec.metrics': [{ ...withoutInterval, noInterval: undefined }] },
      'half an interval': { 'spec.metrics': [{ ...metric, lower: undefined }] },
      'an interval and why there is none': { 'spec.metrics': [{ ...metric, noInterval: 'too few rows' }] },
    },
  },
  {
    says: 'Duplicate value',
    at: 'spec.metrics[1]',
    accepts: {
      'one metric on two splits': { 'spec.metrics': [metric, { ...metric, split: 'validation' }] },
    },
    rejects: { 'one metric twice': { 'spec.metrics': [metric, { ...metric, value: 0.5 }] } },
  },
  {
    says: 'metadata.name must be <spec.modelName>-<spec.number>',
    at: 'metadata.name',
    accepts: {
      'the longest name there is': {
        'metadata.name': `${'m'.repeat(40)}-1000000`,
        'spec.modelName': 'm'.repeat(40),
        'spec.number': 1_000_000,
        'spec.bundle.uri': bundleUri('m'.repeat(40)),
      },
    },
    rejects: {
      'another number': { 'metadata.name': 'digits-4' },
      'a number with a zero in front': { 'metadata.name': 'digits-03' },
      'another model': { 'metadata.name': 'letters-3' },
      'a name without a number': { 'metadata.name': 'digits' },
    },
  },
  {
    says: 'bundle.uri must end with the digest of the bundle (sha256-<hex>)',
    at: 'spec.bundle',
    accepts: {
      'uri and digest of another bundle': {
        'spec.bundle.uri': bundleUri('digits', otherDigest),
        'spec.bundle.digest': otherDigest,
      },
    },
    rejects: { 'the digest of another bundle': { 'spec.bundle.digest': otherDigest } },
  },
  {
    says: 'bundle.uri must lie below <modelName>/ of the claim: pvc://<claim>/<modelName>/sha256-<hex>',
    at: 'spec',
    accepts: { 'a lineage': { 'spec.lineage': { trainingJob: { name: 'digits', uid: 'a-uid' }, accelerator: 'CPU' } } },
    rejects: { 'the directory of another model': { 'spec.bundle.uri': bundleUri('letters') } },
  },
  {
    says: 'number of an imported model must be at most 1000000: training counts on from the highest',
    at: 'spec.number',
    accepts: {
      'a number that training came to': {
        'metadata.name': 'digits-2000000000',
        'spec.number': 2_000_000_000,
        'spec.lineage': { trainingJob: { name: 'digits', uid: 'a-uid' } },
      },
    },
    rejects: { 'a number after which few are left': { 'metadata.name': 'digits-1000001', 'spec.number': 1_000_001 } },
  },
];

const updates: KindCases['updates'] = [
  {
    says: 'a ModelVersion is immutable: create the next number instead',
    at: 'spec',
    accepts: { 'a label': { 'metadata.labels': { team: 'vision' } } },
    rejects: {
      'another bundle': { 'spec.bundle.uri': bundleUri('digits', otherDigest), 'spec.bundle.digest': otherDigest },
      'a metric made up later': { 'spec.metrics': [metric] },
      'another lineage': { 'spec.lineage': { seed: 7 } },
    },
  },
];

export const modelVersionCases: KindCases = { kind: modelVersion, structural, rules, changeable: {}, updates };
