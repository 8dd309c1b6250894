// What the apiserver takes and refuses of `scheduling`, wherever it stands.
import type { RuleCase } from './rule-case.ts';

export const schedulingStructure = (at: string): RuleCase[] => [
  {
    says: 'should match',
    at: `${at}.nodeSelector.disk`,
    accepts: { 'an empty label value': { [at]: { nodeSelector: { disk: '' } } } },
    rejects: { 'a label value with a blank': { [at]: { nodeSelector: { disk: 'very fast' } } } },
  },
  {
    says: 'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    at: `${at}.tolerations[0].effect`,
    accepts: { 'an effect': { [at]: { tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }] } } },
    rejects: { 'an effect that is none': { [at]: { tolerations: [{ key: 'gpu', effect: 'Never' }] } } },
  },
];

export const schedulingRules = (at: string): RuleCase[] => [
  {
    says: 'Duplicate value',
    at: `${at}.imagePullSecrets[1]`,
    accepts: { 'two pull secrets': { [at]: { imagePullSecrets: ['one', 'two'] } } },
    rejects: { 'one pull secret twice': { [at]: { imagePullSecrets: ['one', 'one'] } } },
  },
  {
    says: 'a key of nodeSelector must be a label key of at most 253 characters: [<prefix>/]<name>',
    at: `${at}.nodeSelector`,
    accepts: { 'a label with a prefix': { [at]: { nodeSelector: { 'topology.kubernetes.io/zone': 'a' } } } },
    rejects: { 'a label with two slashes': { [at]: { nodeSelector: { 'a/b/c': 'x' } } } },
  },
  {
    says: 'a toleration with operator Exists takes no value; operator Equal needs key',
    at: `${at}.tolerations[0]`,
    accepts: {
      'every taint': { [at]: { tolerations: [{ operator: 'Exists' }] } },
      'one value of a taint': { [at]: { tolerations: [{ key: 'pool', value: 'training' }] } },
    },
    rejects: {
      'a value that is not compared': {
        [at]: { tolerations: [{ key: 'pool', operator: 'Exists', value: 'training' }] },
      },
      'a value of no taint': { [at]: { tolerations: [{ value: 'training' }] } },
    },
  },
  {
    says: 'tolerationSeconds needs effect NoExecute',
    at: `${at}.tolerations[0]`,
    accepts: {
      'a time for NoExecute': { [at]: { tolerations: [{ key: 'a', effect: 'NoExecute', tolerationSeconds: 9 }] } },
    },
    rejects: { 'a time for every effect': { [at]: { tolerations: [{ key: 'a', tolerationSeconds: 9 }] } } },
  },
];
