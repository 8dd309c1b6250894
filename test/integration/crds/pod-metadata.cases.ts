// What the apiserver takes and refuses of `podMetadata` and of the fields that quotas ask for, wherever they stand.
import { entriesMax, keysRule, reservedRule, valueMax } from '@sluice/crds/pods/pod-metadata.ts';
import type { RuleCase } from './rule-case.ts';

const at = 'spec.podMetadata';
const labels = (value: object) => ({ [at]: { labels: value } });
const annotations = (value: object) => ({ [at]: { annotations: value } });
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, '']));

export const podMetadataStructure: RuleCase[] = [
  {
    says: 'should match',
    at: `${at}.labels.team`,
    accepts: { 'a label without a value': labels({ team: '' }) },
    rejects: { 'a label value with a blank': labels({ team: 'data science' }) },
  },
  {
    says: `may not be more than ${valueMax}`,
    at: `${at}.annotations.note`,
    accepts: { 'any text': annotations({ note: 'Größe: "42" €\n'.repeat(100) }) },
    rejects: { 'a text without end': annotations({ note: 'x'.repeat(valueMax + 1) }) },
  },
];

export const podMetadataRules: RuleCase[] = [
  ...(['labels', 'annotations'] as const).flatMap((map): RuleCase[] => {
    const of = map === 'labels' ? labels : annotations;
    return [
      {
        says: `must have at most ${entriesMax} items`,
        at: `${at}.${map}`,
        accepts: { 'as many as there may be': of(many(entriesMax)) },
        rejects: { 'one more': of(many(entriesMax + 1)) },
      },
      {
        says: keysRule.message,
        at: `${at}.${map}`,
        accepts: {
          'a key with a prefix': of({ 'example.com/cost-centre': '42' }),
          'keys that tools read': of({ 'app.kubernetes.io/part-of': 'shop', 'sidecar.istio.io/inject': 'false' }),
          'the longest key': of({ [`${'p'.repeat(253)}/${'n'.repeat(63)}`]: '' }),
        },
        rejects: {
          'two slashes': of({ 'a/b/c': 'x' }),
          'a name of 64 characters': of({ ['n'.repeat(64)]: '' }),
          'a prefix of 254 characters': of({ [`${'p'.repeat(254)}/n`]: '' }),
          'a prefix that is no DNS name': of({ 'a..b/c': '' }),
          'no name': of({ 'example.com/': '' }),
          'an empty key': of({ '': '' }),
        },
      },
      {
        says: reservedRule.message,
        at: `${at}.${map}`,
        accepts: { 'a key that only looks like one': of({ 'notsluice.dev/revision': 'x', 'job-names': 'x' }) },
        rejects: Object.fromEntries(
          [
            'sluice.dev/revision',
            'next.sluice.dev/x',
            'kube-runtime/applied-digest',
            'app.kubernetes.io/managed-by',
            'app.kubernetes.io/component',
            'batch.kubernetes.io/job-name',
            'job-name',
            'controller-uid',
            'pod-template-hash',
            'deployment.kubernetes.io/revision',
            'service.kubernetes.io/service-proxy-name',
            'kubectl.kubernetes.io/last-applied-configuration',
            'container.apparmor.security.beta.kubernetes.io/server',
          ].map((key) => [key, of({ [key]: 'x' })]),
        ),
      },
    ];
  }),
];

/** @param resources the path of the object that has `cpu`. */
export const quotaRules = (resources: string): RuleCase[] => [
  {
    says: 'cpuLimit must be at least cpu',
    at: resources,
    accepts: { 'as much as the request': { [resources]: { cpu: '500m', cpuLimit: '0.5' } } },
    rejects: { 'less than the request': { [resources]: { cpu: '2', cpuLimit: '1500m' } } },
  },
  {
    says: 'ephemeralStorage must be at least 16Mi: give it a unit, such as 512Mi or 2Gi',
    at: `${resources}.ephemeralStorage`,
    accepts: { gibibytes: { [resources]: { ephemeralStorage: '4Gi' } } },
    rejects: { 'a forgotten unit': { [resources]: { ephemeralStorage: '512' } } },
  },
];
