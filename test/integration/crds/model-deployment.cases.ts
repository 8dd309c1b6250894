// What the apiserver takes and refuses of a ModelDeployment.
import { modelDeployment } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { KindCases } from './rule-case.ts';
import { schedulingRules, schedulingStructure } from './scheduling.cases.ts';

const model = (value: object) => ({ 'spec.model': value });
const server = (value: object) => ({ 'spec.server': value });
const atServer = (cases: KindCases['rules']): KindCases['rules'] =>
  cases.map((each) => ({ ...each, accepts: inServer(each.accepts), rejects: inServer(each.rejects) }));

/** A minimal manifest has no `server` that could hold `scheduling`. */
const inServer = (cases: KindCases['rules'][number]['accepts']) =>
  Object.fromEntries(Object.entries(cases).map(([sentence, changes]) => [sentence, { ...server({}), ...changes }]));

const structural: KindCases['structural'] = [
  {
    says: 'supported values: "Latest"',
    at: 'spec.model.track',
    accepts: { 'the latest version': model({ name: 'digits', track: 'Latest' }) },
    rejects: { 'a track that is not there': model({ name: 'digits', track: 'Best' }) },
  },
  {
    says: 'should be greater than or equal to 1',
    at: 'spec.server.replicas',
    accepts: { 'one pod': server({ replicas: 1 }) },
    rejects: { 'no pod at all': server({ replicas: 0 }) },
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
  ...atServer(schedulingStructure('spec.server.scheduling')),
];

const rules: KindCases['rules'] = [
  {
    says: 'metadata.name must be at most 40 characters, start with a letter and hold only a-z, 0-9 and -',
    at: 'metadata.name',
    accepts: { '40 characters': { 'metadata.name': 'd'.repeat(40) } },
    rejects: { '41 characters': { 'metadata.name': 'd'.repeat(41) }, 'a dot': { 'metadata.name': 'my.digits' } },
  },
  {
    says: 'set exactly one of model.track (Latest) and model.version',
    at: 'spec.model',
    accepts: { 'a pinned version': model({ name: 'digits', version: 'digits-3' }) },
    rejects: {
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
    says: 'memory must be at least 16Mi: give it a unit, such as 512Mi or 2Gi',
    at: 'spec.server.resources.memory',
    accepts: { 'a gibibyte': server({ resources: { memory: '1Gi' } }) },
    rejects: { 'a forgotten unit': server({ resources: { memory: '256' } }) },
  },
  ...atServer(schedulingRules('spec.server.scheduling')),
];

const changeable: KindCases['changeable'] = {
  'the version': { 'spec.model': { name: 'digits', version: 'digits-4' } },
  'the model': { 'spec.model': { name: 'letters', track: 'Latest' } },
  'the number of pods': { 'spec.server.replicas': 3 },
};

export const modelDeploymentCases: KindCases = { kind: modelDeployment, structural, rules, changeable, updates: [] };
