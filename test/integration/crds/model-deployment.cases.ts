// What the apiserver takes and refuses of a ModelDeployment.
import { modelDeployment } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { digest } from './manifests.ts';
import { podMetadataRules, podMetadataStructure, quotaRules } from './pod-metadata.cases.ts';
import type { KindCases } from './rule-case.ts';
import { schedulingRules, schedulingStructure } from './scheduling.cases.ts';

const model = (value: object) => ({ 'spec.model': value });
const server = (value: object) => ({ 'spec.server': value });
const atServer = (cases: KindCases['rules']): KindCases['rules'] =>
  cases.map((each) => ({ ...each, accepts: inServer(each.accepts), rejects: inServer(each.rejects) }));

/** A minimal manifest has no `server` that could hold `scheduling`. */
const inServer = (cases: KindCases['rules'][number]['accepts']) =>
  Object.fromEntries(Object.entries(cases).map(([sentence, changes]) => [sentence, { ...server({}), ...changes }]));

const origins = (...list: string[]) => server({ cors: { origins: list } });

const label = { name: 'label', datatype: 'BYTES', shape: [1, 1], strings: ['unknown'] };
const fallback = (value: object) => ({ 'spec.fallback': value });
const outputs = (...list: object[]) => fallback({ staticAnswer: { outputs: list } });
const numbers = (changes: object) => outputs({ name: 'value', datatype: 'FP32', shape: [1], ...changes });

const step = (changes: object = {}) => ({ name: 'probe', weightPercent: 5, ...changes });
const rollout = (...steps: object[]) => ({ 'spec.rollout': { steps } });
/** A rollout with one gate. */
const gate = (value: object) => ({ ...rollout(step()), 'spec.gates': [{ name: 'gate', ...value }] });
const dataset = {
  source: { persistentVolumeClaim: { claimName: 'datasets', path: 'digits/holdout.csv' } },
  format: 'CSV',
  target: 'label',
};
const accuracy = { evaluation: { metric: 'accuracy', dataset } };
const mae = { evaluation: { metric: 'mae', dataset } };
const errors = { traffic: { metric: 'errorRate' } };
const latency = { traffic: { metric: 'latencyMs', quantile: 0.99 } };

/** Rules of the dataset fragment, where a gate names data. */
const datasetRules: KindCases['rules'] = [
  {
    says: 'set exactly one of persistentVolumeClaim, configMap',
    at: 'spec.gates[0].evaluation.dataset.source',
    accepts: {
      'a ConfigMap': gate({
        evaluation: {
          metric: 'accuracy',
          dataset: { ...dataset, source: { configMap: { name: 'rows', key: 'rows.csv' } } },
        },
        min: 0.9,
      }),
    },
    rejects: {
      'no source': gate({ evaluation: { metric: 'accuracy', dataset: { ...dataset, source: {} } }, min: 0.9 }),
    },
  },
  {
    says: 'path must be relative and without . or .. parts',
    at: 'spec.gates[0].evaluation.dataset.source.persistentVolumeClaim',
    accepts: { 'a folder': gate({ ...accuracy, min: 0.9 }) },
    rejects: {
      'a way upwards': gate({
        evaluation: {
          metric: 'accuracy',
          dataset: { ...dataset, source: { persistentVolumeClaim: { claimName: 'datasets', path: '../train.csv' } } },
        },
        min: 0.9,
      }),
    },
  },
  ...[
    {
      says: 'a Tensor feature needs columns and shape; Number and Category take at most column',
      feature: { name: 'pixels', type: 'Tensor' },
    },
    {
      says: 'columns is a pattern such as p* or a list such as a,b,c',
      feature: { name: 'pixels', type: 'Tensor', columns: 'p0..p9', shape: [10] },
    },
  ].map(({ says, feature }) => {
    const withFeature = (value: object) =>
      gate({ evaluation: { metric: 'accuracy', dataset: { ...dataset, features: [value] } }, min: 0.9 });
    return {
      says,
      at: 'spec.gates[0].evaluation.dataset.features[0]',
      accepts: { 'a Tensor': withFeature({ name: 'pixels', type: 'Tensor', columns: 'p*', shape: [28, 28] }) },
      rejects: { [says]: withFeature(feature) },
    };
  }),
];

const structural: KindCases['structural'] = [
  {
    says: 'should match',
    at: 'spec.expose.path',
    accepts: { 'several parts': { 'spec.expose': { path: '/a/b.c/d~e' } } },
    rejects: {
      'no slash before it': { 'spec.expose': { path: 'digits' } },
      'a slash behind it': { 'spec.expose': { path: '/digits/' } },
      'a way upwards': { 'spec.expose': { path: '/a/../b' } },
      'a pattern': { 'spec.expose': { path: '/a/*' } },
    },
  },
  {
    says: 'supported values: "Latest"',
    at: 'spec.model.track',
    accepts: { 'the latest version': model({ name: 'digits', track: 'Latest' }) },
    rejects: { 'a track that is not there': model({ name: 'digits', track: 'Best' }) },
  },
  {
    says: 'should be less than or equal to 100',
    at: 'spec.server.replicas',
    accepts: { 'a hundred pods': server({ replicas: 100 }) },
    rejects: { 'a hundred and one': server({ replicas: 101 }) },
  },
  {
    says: 'should be less than or equal to 16',
    at: 'spec.server.workers',
    accepts: { '16 threads': server({ workers: 16, queueSize: 1, requestTimeoutSeconds: 600 }) },
    rejects: { '17 threads': server({ workers: 17 }) },
  },
  {
    says: 'Required value',
    at: 'spec.model.name',
    accepts: { 'a version of a model': model({ name: 'digits', version: 'digits-1' }) },
    rejects: { 'a version of no model': model({ version: 'digits-3' }) },
  },
  {
    says: 'should be less than or equal to 99',
    at: 'spec.rollout.steps[0].weightPercent',
    accepts: { 'all but one percent': rollout(step({ weightPercent: 99 })) },
    rejects: { 'all requests': rollout(step({ weightPercent: 100 })) },
  },
  {
    says: 'should be greater than or equal to 1',
    at: 'spec.rollout.warmUpSeconds',
    accepts: { 'a second': { 'spec.rollout': { steps: [step()], warmUpSeconds: 1 } } },
    rejects: { 'no time at all': { 'spec.rollout': { steps: [step()], warmUpSeconds: 0 } } },
  },
  {
    says: 'Unsupported value',
    at: 'spec.rollout.whenLiveIsDown',
    accepts: { 'a candidate that waits': { 'spec.rollout': { steps: [step()], whenLiveIsDown: 'Wait' } } },
    rejects: { 'another word': { 'spec.rollout': { steps: [step()], whenLiveIsDown: 'Promote' } } },
  },
  {
    says: 'should have at least 1 items',
    at: 'spec.rollout.steps',
    accepts: { 'one step': rollout(step()) },
    rejects: { 'no step': rollout() },
  },
  {
    says: 'should be less than 1',
    at: 'spec.gates[0].traffic.quantile',
    accepts: { 'the median': gate({ traffic: { metric: 'latencyMs', quantile: 0.5 }, max: 100 }) },
    rejects: { 'the maximum': gate({ traffic: { metric: 'latencyMs', quantile: 1 }, max: 100 }) },
  },
  {
    says: 'should be less than or equal to 600000',
    at: 'spec.fallback.afterMilliseconds',
    accepts: { 'ten minutes': fallback({ afterMilliseconds: 600_000, liveVersion: {} }) },
    rejects: { 'more than any request has': fallback({ afterMilliseconds: 600_001, liveVersion: {} }) },
  },
  {
    says: 'should be greater than or equal to 10',
    at: 'spec.fallback.afterMilliseconds',
    accepts: { 'ten milliseconds': fallback({ afterMilliseconds: 10, liveVersion: {} }) },
    rejects: { 'no time': fallback({ afterMilliseconds: 0, liveVersion: {} }) },
  },
  {
    says: 'should be less than or equal to 1048576',
    at: 'spec.fallback.liveVersion.requestBytes',
    accepts: { 'a MiB': fallback({ liveVersion: { requestBytes: 1_048_576 } }) },
    rejects: { 'more than is kept': fallback({ liveVersion: { requestBytes: 1_048_577 } }) },
  },
  {
    says: 'Too many',
    at: 'spec.fallback.staticAnswer.outputs',
    accepts: { 'four outputs': outputs(...['a', 'b', 'c', 'd'].map((name) => ({ ...label, name }))) },
    rejects: { five: outputs(...['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...label, name }))) },
  },
  {
    says: 'Invalid value',
    at: 'spec.fallback.staticAnswer.outputs[0].strings[0]',
    accepts: { 'any letters': outputs({ ...label, strings: ['weiß nicht, 知らない'] }) },
    rejects: {
      'a line end': outputs({ ...label, strings: ['a\nb'] }),
      'a long text': outputs({ ...label, strings: ['x'.repeat(65)] }),
    },
  },
  {
    says: 'Invalid value',
    at: 'spec.server.limits.requestBytes',
    accepts: { 'a KiB': server({ limits: { requestBytes: 1024 } }) },
    rejects: {
      'less than a KiB': server({ limits: { requestBytes: 1023 } }),
      'more than 64 MiB': server({ resources: { memory: '8Gi' }, limits: { requestBytes: 67_108_865 } }),
    },
  },
  {
    says: 'Invalid value',
    at: 'spec.server.limits.tensorElements',
    accepts: { 'one number': server({ limits: { tensorElements: 1 } }) },
    rejects: {
      'no number': server({ limits: { tensorElements: 0 } }),
      'more than 16,777,216': server({ limits: { tensorElements: 16_777_217 } }),
    },
  },
  ...atServer(schedulingStructure('spec.server.scheduling')),
  ...podMetadataStructure,
];

const rules: KindCases['rules'] = [
  {
    says: 'server.resources.memory must be at least 24 times server.limits.requestBytes, which a server holds several times over',
    at: 'spec.server',
    accepts: {
      'the least memory and what is usual': server({ resources: { memory: '64Mi' } }),
      'large requests, and memory for them': server({
        resources: { memory: '1536Mi' },
        limits: { requestBytes: 67_108_864 },
      }),
    },
    rejects: {
      'large requests alone': server({ limits: { requestBytes: 67_108_864 } }),
      'a little less memory than they need': server({
        resources: { memory: '1535Mi' },
        limits: { requestBytes: 67_108_864 },
      }),
    },
  },
  {
    says: 'server.replicas must be at least 1: there is no scale to zero; delete the ModelDeployment to free its pods',
    at: 'spec.server.replicas',
    accepts: { 'one pod': server({ replicas: 1 }) },
    rejects: { 'no pod at all': server({ replicas: 0 }) },
  },
  {
    says: 'metadata.name must be at most 40 characters, start with a letter and hold only a-z, 0-9 and -',
    at: 'metadata.name',
    accepts: { '40 characters': { 'metadata.name': 'd'.repeat(40) } },
    rejects: { '41 characters': { 'metadata.name': 'd'.repeat(41) }, 'a dot': { 'metadata.name': 'my.digits' } },
  },
  {
    says: 'set exactly one of model.track (Latest), model.version and model.digest',
    at: 'spec.model',
    accepts: {
      'a pinned version': model({ name: 'digits', version: 'digits-3' }),
      'pinned bytes': model({ name: 'digits', digest }),
    },
    rejects: {
      'a version and its bytes': model({ name: 'digits', version: 'digits-3', digest }),
      both: model({ name: 'digits', track: 'Latest', version: 'digits-3' }),
      neither: model({ name: 'digits' }),
    },
  },
  {
    says: 'model.version must be a version of model.name: <model.name>-<number>',
    at: 'spec.model',
    accepts: { 'a name with a dash': model({ name: 'digits-x', version: 'digits-x-12' }) },
    rejects: {
      'a version of another model': model({ name: 'digits', version: 'letters-3' }),
      'a number with a zero in front': model({ name: 'digits', version: 'digits-03' }),
      'a number alone': model({ name: 'digits', version: '3' }),
    },
  },
  {
    says: 'memory must be at least 64Mi: give it a unit, such as 512Mi or 2Gi',
    at: 'spec.server.resources.memory',
    accepts: {
      'a gibibyte': server({ resources: { memory: '1Gi' } }),
      'what the init container asks for': server({ resources: { memory: '64Mi' } }),
    },
    rejects: {
      'a forgotten unit': server({ resources: { memory: '256' } }),
      'less than the init container asks for': server({ resources: { memory: '48Mi' } }),
    },
  },
  {
    says: 'minSeconds must not be more than maxSeconds: the step would never be judged',
    at: 'spec.rollout.steps[0].minSeconds',
    accepts: { 'as long as it may be': rollout(step({ minSeconds: 60, maxSeconds: 60 })) },
    rejects: { 'longer than it may be': rollout(step({ minSeconds: 601 })) },
  },
  {
    says: 'rollout.steps must have rising weights: give each step more weightPercent than the one before',
    at: 'spec.rollout.steps',
    accepts: { 'two steps up': rollout(step(), step({ name: 'half', weightPercent: 50 })) },
    rejects: {
      'a step down': rollout(step(), step({ name: 'less', weightPercent: 1 })),
      'a step that changes nothing': rollout(step(), step({ name: 'again' })),
    },
  },
  {
    says: 'bake is the name of the time after the last step: give the step another name',
    at: 'spec.rollout.steps',
    accepts: { 'another name': rollout(step({ name: 'baking' })) },
    rejects: { bake: rollout(step({ name: 'bake' })) },
  },
  {
    says: 'gates judge a rollout: set rollout.steps, or remove gates',
    at: 'spec',
    accepts: { 'gates with steps': gate({ ...errors, max: 0.02 }), 'no gates': { 'spec.gates': [] } },
    rejects: { 'gates alone': { 'spec.gates': [{ name: 'gate', ...errors, max: 0.02 }] } },
  },
  {
    says: 'set exactly one of evaluation, traffic',
    at: 'spec.gates[0]',
    accepts: { 'an evaluation': gate({ ...accuracy, min: 0.9, maxRegression: 0.01 }) },
    rejects: { both: gate({ ...accuracy, ...errors, maxRegression: 0.01 }), neither: gate({ maxRegression: 0.01 }) },
  },
  {
    says: 'latencyMs needs traffic.quantile, e.g. 0.99; errorRate takes none',
    at: 'spec.gates[0].traffic.quantile',
    accepts: { 'a quantile': gate({ ...latency, max: 100 }) },
    rejects: {
      'latency of nothing': gate({ traffic: { metric: 'latencyMs' }, max: 100 }),
      'a quantile of errors': gate({ traffic: { metric: 'errorRate', quantile: 0.99 }, max: 0.1 }),
    },
  },
  {
    says: 'guardrail is the name of what is always checked: give the gate another name',
    at: 'spec.gates[0].name',
    accepts: { 'another name': gate({ ...errors, max: 0.02, name: 'guard' }) },
    rejects: { guardrail: gate({ ...errors, max: 0.02, name: 'guardrail' }) },
  },
  {
    says: 'a gate needs a threshold: min, max, or one of maxRegression, maxRegressionPercent, maxRegressionAbsolute',
    at: 'spec.gates[0]',
    accepts: { 'one threshold': gate({ ...errors, maxRegression: 0.01 }) },
    rejects: { 'no threshold': gate(errors) },
  },
  {
    says: 'min is for evaluation metric accuracy: use max where less is better',
    at: 'spec.gates[0].min',
    accepts: { 'the least accuracy': gate({ ...accuracy, min: 0.9 }) },
    rejects: { 'the least error': gate({ ...mae, min: 0.9 }), 'the least error rate': gate({ ...errors, min: 0.1 }) },
  },
  {
    says: 'max is for metrics of which less is better: use min for accuracy',
    at: 'spec.gates[0].max',
    accepts: { 'the largest error': gate({ ...mae, max: 3 }) },
    rejects: { 'the largest accuracy': gate({ ...accuracy, max: 0.9 }) },
  },
  {
    says: 'latencyMs takes maxRegressionPercent and maxRegressionAbsolute instead of maxRegression',
    at: 'spec.gates[0].maxRegression',
    accepts: { 'both allowances': gate({ ...latency, maxRegressionPercent: 50, maxRegressionAbsolute: 5 }) },
    rejects: { 'a difference without a unit': gate({ ...latency, maxRegression: 5 }) },
  },
  {
    says: 'maxRegressionPercent and maxRegressionAbsolute are for traffic metric latencyMs: use maxRegression',
    at: 'spec.gates[0]',
    accepts: { 'one allowance': gate({ ...latency, maxRegressionPercent: 50 }) },
    rejects: {
      'a percentage of errors': gate({ ...errors, maxRegressionPercent: 50 }),
      'milliseconds of accuracy': gate({ ...accuracy, maxRegressionAbsolute: 5 }),
    },
  },
  {
    says: 'thresholds of accuracy and errorRate are shares below 1, such as 0.95 or 0.02',
    at: 'spec.gates[0]',
    accepts: { 'an error of more than 1': gate({ ...mae, maxRegression: 2 }) },
    rejects: {
      'percent of accuracy': gate({ ...accuracy, min: 95 }),
      'percent of errors': gate({ ...errors, max: 2 }),
      'percent of regression': gate({ ...errors, maxRegression: 1 }),
    },
  },
  {
    says: 'expose.path must not begin with /v2: that is the protocol; leave it out for /v2/models/<model>',
    at: 'spec.expose.path',
    accepts: {
      'a path of its own': { 'spec.expose': { path: '/teams/digits' } },
      'a name that begins so': { 'spec.expose': { path: '/v2beta' } },
      'a whole host': { 'spec.expose': { host: 'digits.example.com', path: '/' } },
    },
    rejects: { 'the protocol': { 'spec.expose': { path: '/v2' } }, 'below it': { 'spec.expose': { path: '/v2/x' } } },
  },
  {
    says: 'expose.host and expose.path need visibility External',
    at: 'spec.expose',
    accepts: { 'inside, nowhere': { 'spec.expose': { visibility: 'ClusterLocal' } } },
    rejects: { 'inside, at a path': { 'spec.expose': { visibility: 'ClusterLocal', path: '/digits' } } },
  },
  {
    says: 'each of cors.origins must be an origin as browsers send it, such as https://app.example.com or http://localhost:3000: lower case, no path, no slash at the end; or *',
    at: 'spec.server.cors.origins',
    accepts: {
      'a host': origins('https://app.example.com'),
      'a port, and an address': origins('http://localhost:3000', 'http://[::1]:8080', 'http://10.0.0.1:5173'),
      'an app in a web view': origins('capacitor://localhost'),
      'every page': origins('*'),
    },
    rejects: {
      'a slash at the end': origins('https://app.example.com/'),
      'a host alone': origins('app.example.com'),
      'a path': origins('https://app.example.com/page'),
      'upper case': origins('https://App.example.com'),
      'a pattern': origins('https://*.example.com'),
      'no origin': origins('null'),
    },
  },
  {
    says: 'leave :80 of http and :443 of https out of cors.origins: browsers never send them',
    at: 'spec.server.cors.origins',
    accepts: { 'another port': origins('https://app.example.com:8443', 'http://app.example.com:443') },
    rejects: {
      'the port of https': origins('https://app.example.com:443'),
      'the port of http': origins('http://app.example.com:80'),
    },
  },
  {
    says: 'cors.origins: * allows every page; leave it out, or the others',
    at: 'spec.server.cors.origins',
    accepts: { 'two origins': origins('https://a.example.com', 'https://b.example.com') },
    rejects: { 'one more': origins('*', 'https://a.example.com') },
  },
  {
    says: 'set fallback.liveVersion, fallback.staticAnswer, or both: a time budget alone is no answer',
    at: 'spec.fallback',
    accepts: {
      'the live version': fallback({ liveVersion: {} }),
      'a static answer within a time': fallback({ afterMilliseconds: 800, staticAnswer: { outputs: [label] } }),
      both: fallback({ liveVersion: { requestBytes: 1048576 }, staticAnswer: { outputs: [label] } }),
    },
    rejects: { nothing: fallback({}), 'a time alone': fallback({ afterMilliseconds: 800 }) },
  },
  {
    says: 'an output of datatype BYTES has strings, one of any other datatype has numbers',
    at: 'spec.fallback.staticAnswer.outputs[0]',
    accepts: { texts: outputs(label), numbers: numbers({ numbers: [0.5] }) },
    rejects: {
      'texts that are numbers': numbers({ strings: ['1'] }),
      'numbers that are texts': outputs({ ...label, strings: undefined, numbers: [1] }),
      both: numbers({ numbers: [1], strings: ['1'] }),
      neither: numbers({}),
    },
  },
  {
    says: 'numbers of datatypes INT32 and INT64 must be whole: use FP32 or FP64',
    at: 'spec.fallback.staticAnswer.outputs[0].numbers',
    accepts: {
      'whole ones': numbers({ datatype: 'INT64', numbers: [-7] }),
      'a fraction of FP64': numbers({ datatype: 'FP64', numbers: [0.5] }),
    },
    rejects: { 'a fraction': numbers({ datatype: 'INT32', numbers: [0.5] }) },
  },
  {
    says: 'shape must have as many elements as there are numbers or strings: their count is its product',
    at: 'spec.fallback.staticAnswer.outputs[0].shape',
    accepts: {
      'a row': numbers({ shape: [1, 3], numbers: [0, 0, 1] }),
      'four dimensions': numbers({ shape: [1, 2, 2, 1], numbers: [0, 0, 0, 1] }),
    },
    rejects: {
      'one too many': numbers({ shape: [2], numbers: [0, 0, 1] }),
      'one missing': numbers({ shape: [2, 2], numbers: [0, 0, 1] }),
    },
  },
  ...datasetRules,
  ...atServer(schedulingRules('spec.server.scheduling')),
  ...podMetadataRules,
  ...atServer(quotaRules('spec.server.resources')),
];

const changeable: KindCases['changeable'] = {
  'the version': { 'spec.model': { name: 'digits', version: 'digits-4' } },
  'the model': { 'spec.model': { name: 'letters', track: 'Latest' } },
  'the number of pods': { 'spec.server.replicas': 3 },
  podMetadata: { 'spec.podMetadata': { labels: { team: 'ml' } } },
  'the pages that may ask': origins('https://app.example.com'),
  'what clients are given when it fails': fallback({ liveVersion: {} }),
  'its place': { 'spec.expose': { host: 'digits.example.com' } },
  'the rollout': { 'spec.rollout': { steps: [step()], paused: true, retryToken: '2' } },
};

export const modelDeploymentCases: KindCases = { kind: modelDeployment, structural, rules, changeable, updates: [] };
