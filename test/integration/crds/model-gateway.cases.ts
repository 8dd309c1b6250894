// What the apiserver takes and refuses of a ModelGateway.
import { modelGateway } from '@sluice/crds/v1alpha1/model-gateway.ts';
import { podMetadataRules, podMetadataStructure, quotaRules } from './pod-metadata.cases.ts';
import type { KindCases } from './rule-case.ts';
import { schedulingRules, schedulingStructure } from './scheduling.cases.ts';

const structural: KindCases['structural'] = [
  {
    says: 'should be greater than or equal to 1',
    at: 'spec.replicas',
    accepts: { 'one pod': { 'spec.replicas': 1 } },
    rejects: { 'no pod at all': { 'spec.replicas': 0 } },
  },
  {
    says: 'should be less than or equal to 20',
    at: 'spec.replicas',
    accepts: { '20 pods': { 'spec.replicas': 20 } },
    rejects: { '21 pods': { 'spec.replicas': 21 } },
  },
  ...schedulingStructure('spec.scheduling'),
  ...podMetadataStructure,
];

const rules: KindCases['rules'] = [
  {
    says: 'metadata.name must be default: a namespace has one gateway',
    at: 'metadata.name',
    accepts: { default: { 'metadata.name': 'default' } },
    rejects: { 'another name': { 'metadata.name': 'second' } },
  },
  {
    says: 'memory of a gateway pod must be at least 64Mi: Envoy does not start with less',
    at: 'spec.resources.memory',
    accepts: { '64Mi': { 'spec.resources': { memory: '64Mi' } } },
    rejects: {
      'a forgotten unit': { 'spec.resources': { memory: '512' } },
      '32Mi': { 'spec.resources': { memory: '32Mi' } },
    },
  },
  ...schedulingRules('spec.scheduling'),
  ...podMetadataRules,
  ...quotaRules('spec.resources'),
];

const changeable: KindCases['changeable'] = {
  'the number of pods': { 'spec.replicas': 3 },
  resources: { 'spec.resources': { cpu: '1', memory: '1Gi' } },
  scheduling: { 'spec.scheduling': { nodeSelector: { disk: 'ssd' } } },
  podMetadata: { 'spec.podMetadata': { labels: { team: 'ml' } } },
};

export const modelGatewayCases: KindCases = { kind: modelGateway, structural, rules, changeable, updates: [] };
