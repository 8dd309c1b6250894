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
    says: 'should match',
    at: `${at}.tolerations[0].key`,
    accepts: {
      'a name of 63 characters': {
        [at]: { tolerations: [{ key: `example.com/${'a'.repeat(63)}`, operator: 'Exists' }] },
      },
    },
    rejects: {
      'a name of 70 characters': { [at]: { tolerations: [{ key: 'a'.repeat(70), operator: 'Exists' }] } },
      'a prefix with two dots in a row': { [at]: { tolerations: [{ key: 'a..b/c', operator: 'Exists' }] } },
      'a prefix of capitals': { [at]: { tolerations: [{ key: 'Example.com/c', operator: 'Exists' }] } },
    },
  },
  {
    says: 'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    at: `${at}.tolerations[0].effect`,
    accepts: { 'an effect': { [at]: { tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }] } } },
    rejects: { 'an effect that is none': { [at]: { tolerations: [{ key: 'gpu', effect: 'Never' }] } } },
  },
];

const long = (length: number) => 'a'.repeat(length);

export const schedulingRules = (at: string): RuleCase[] => [
  {
    says: 'Duplicate value',
    at: `${at}.imagePullSecrets[1]`,
    accepts: { 'two pull secrets': { [at]: { imagePullSecrets: ['one', 'two'] } } },
    rejects: { 'one pull secret twice': { [at]: { imagePullSecrets: ['one', 'one'] } } },
  },
  {
    says: 'a key of nodeSelector must be a label key: [<dns prefix>/]<name>, the name of at most 63 characters',
    at: `${at}.nodeSelector`,
    accepts: {
      'a label with a prefix': { [at]: { nodeSelector: { 'topology.kubernetes.io/zone': 'a' } } },
      'a name of 63 characters': { [at]: { nodeSelector: { [`example.com/${long(63)}`]: 'a' } } },
    },
    rejects: {
      'a label with two slashes': { [at]: { nodeSelector: { 'a/b/c': 'x' } } },
      'a name of 64 characters': { [at]: { nodeSelector: { [long(64)]: 'x' } } },
      'a prefix with two dots in a row': { [at]: { nodeSelector: { 'a..b/c': 'x' } } },
    },
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
