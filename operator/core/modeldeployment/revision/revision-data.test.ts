// A pinned template is read back only when it is one that we could have written.
import { expect, test } from '@jest/globals';
import { revision, settings } from '../testing/samples.ts';
import { podTemplate } from '../workload/workloads.ts';
import { isRevisionData } from './revision-data.ts';

const { data } = revision(1);
const template = podTemplate('digits', revision(1), settings);
const [server] = template.spec.containers;
const withSpec = (changes: object) => ({ ...data, template: { ...template, spec: { ...template.spec, ...changes } } });

test('what is pinned can be read again, also where the cluster gives users', () => {
  expect(isRevisionData(JSON.parse(JSON.stringify({ ...data, template })))).toBe(true);
  const elsewhere = podTemplate('digits', revision(1), { ...settings, podUser: 'Cluster' });
  expect(isRevisionData({ ...data, template: elsewhere })).toBe(true);
  expect(isRevisionData(data)).toBe(true);
});

test.each<[string, object]>([
  ['the network of its node', { hostNetwork: true }],
  ['a Secret as a volume', { volumes: [{ name: 'x', secret: { secretName: 'keys' } }] }],
  ['a path of its node', { volumes: [{ name: 'x', hostPath: { path: '/' } }] }],
  ['a Secret as a variable', { containers: [{ ...server, envFrom: [{ secretRef: { name: 'keys' } }] }] }],
  ['a token', { automountServiceAccountToken: true }],
  ['root', { securityContext: { runAsNonRoot: false } }],
  ['privileges', { containers: [{ ...server, securityContext: { privileged: true } }] }],
  ['no container', { containers: [] }],
])('one with %s is none', (_what, changes) => expect(isRevisionData(withSpec(changes))).toBe(false));

test.each(['8388608', 0, 1.5, 2 ** 27, 1e300, null])('one whose server takes %j bytes is none', (maxRequestBytes) =>
  expect(isRevisionData({ ...data, settings: { ...data.settings, maxRequestBytes } })).toBe(false),
);
