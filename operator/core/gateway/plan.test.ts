// What a namespace's gateway shall be.
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { ObservedPod } from '../pods/observed.ts';
import type { GatewayObserved, GatewayState } from './observed.ts';
import { planGateway } from './plan.ts';

const settings = {
  gatewayImage: 'envoy:1',
  imagePullPolicy: 'IfNotPresent' as const,
  xdsAddress: { host: 'operator.sluice-system', port: 18_000 },
  hash: (text: string) => createHash('sha256').update(text).digest('hex'),
};
const pod = (name: string, podIP?: string): ObservedPod => ({
  metadata: { name, uid: name, creationTimestamp: '2026-01-05T10:00:00Z' },
  status: { podIP },
});
const observed: GatewayObserved = {
  namespace: 'ml',
  requests: [{ deployment: 'digits', port: undefined, backends: [] }],
  table: undefined,
  pods: [],
  readings: [],
};
const bootstrapOf = (changes: Partial<typeof settings>) => {
  const deployment = planGateway(observed, 0, { ...settings, ...changes })?.desired.find(
    ({ manifest }) => manifest.kind === 'Deployment',
  );
  const spec = deployment?.manifest['spec'] as { template: { metadata: { annotations: object } } } | undefined;
  return spec?.template.metadata.annotations;
};

describe('the gateway of a namespace', () => {
  test('is nothing when no ModelDeployment is left: the table and all it owns are collected', () => {
    expect(planGateway({ ...observed, requests: [] }, 0, settings)).toBeUndefined();
  });

  test('is Envoy, its budget and its bootstrap; who owns them is not the plan’s to say', () => {
    const plan = planGateway(observed, 0, settings);
    expect(plan?.desired.map(({ manifest }) => manifest.kind)).toEqual([
      'ConfigMap',
      'Deployment',
      'PodDisruptionBudget',
    ]);
    for (const { manifest } of plan?.desired ?? []) expect(manifest.metadata.ownerReferences).toBeUndefined();
  });

  test('asks every pod that has an address, ready or not', () => {
    const plan = planGateway({ ...observed, pods: [pod('one', '10.0.0.1'), pod('two')] }, 0, settings);
    expect(plan?.measure).toMatchObject([{ type: 'GatewayState', pod: { name: 'one', uid: 'one', ip: '10.0.0.1' } }]);
  });

  test.each<[string, Partial<GatewayState> | undefined, number, number]>([
    ['one that does not answer yet', undefined, 5, 0.2],
    ['one that has not taken the routes', { clusters: 3, listeners: 3, routes: { digits: 2 } }, 5, 0.2],
    ['one that has not taken the clusters', { clusters: 2, listeners: 3, routes: { digits: 3 } }, 5, 0.2],
    ['one that has taken it all', { clusters: 3, listeners: 3, routes: { digits: 3 } }, 5, 1],
    ['one that took nothing for too long', { clusters: 2, listeners: 2, routes: { digits: 2 } }, 30, 1],
  ])('asks often while a new table is taken: %s', (_, known, seconds, everySeconds) => {
    const changedAt = '2026-01-05T10:00:00Z';
    const route = { deployment: 'digits', port: 10_000, changedIn: 3, changedAt, backends: [] };
    const report = known && { clusters: 0, listeners: 0, routes: {}, hosts: {}, rejected: 0, ...known };
    const readings = report ? [{ podUid: 'one', report, at: 0 }] : [];
    const table = { version: 3, routes: [route] };
    const now = Date.parse(changedAt) + seconds * 1000;
    const plan = planGateway({ ...observed, table, pods: [pod('one', '10.0.0.1')], readings }, now, settings);
    expect(plan?.measure).toMatchObject([{ everySeconds }]);
  });

  test('makes new pods for a new bootstrap, and for nothing else of the operator', () => {
    expect(bootstrapOf({ xdsAddress: { host: 'elsewhere', port: 1 } })).not.toEqual(bootstrapOf({}));
    expect(bootstrapOf({ gatewayImage: 'envoy:2' })).toEqual(bootstrapOf({}));
    expect(Object.values(bootstrapOf({}) ?? {})).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });
});
