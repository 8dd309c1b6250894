// What a namespace's gateway shall be.
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { modelGatewaySpecSchema } from '@sluice/crds/v1alpha1/model-gateway.ts';
import type { ObservedPod } from '../pods/observed.ts';
import { noRefusals } from './delivery/refusals.ts';
import type { GatewayObserved, GatewayState, GatewayWish } from './observed.ts';
import { planGateway } from './plan.ts';

const settings = {
  gatewayImage: 'envoy:1',
  imagePullPolicy: 'IfNotPresent' as const,
  podDefaults: noPodDefaults,
  podUser: 'Fixed' as const,
  operatorCertificates: 'PEM',
  hasIpv6: false,
  xdsAddress: { host: 'operator.sluice-system', port: 18_000 },
  hash: (text: string) => createHash('sha256').update(text).digest('hex'),
};
const pod = (name: string, podIP?: string): ObservedPod => ({
  metadata: { name, uid: name, creationTimestamp: '2026-01-05T10:00:00Z' },
  status: { podIP },
});
const observed: GatewayObserved = {
  namespace: 'ml',
  wish: undefined,
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

  describe('asks a pod', () => {
    const changedAt = '2026-01-05T10:00:00Z';
    const current = { clusters: 3, listeners: 3, routes: { digits: 3 } };
    const share = (percent: number) => ({ revision: `r${percent}`, percent, requestTimeoutSeconds: 10 });

    /** The plan for one pod, so long after the table changed in version 3. */
    function planFor({ percents = [100], known, isReady = true, seconds = 60 }: Asked) {
      const backends = percents.map(share);
      const asks = [{ deployment: 'digits', port: 10_000, backends }];
      const report = known && { clusters: 0, listeners: 0, routes: {}, hosts: {}, refusals: noRefusals, ...known };
      const route = { deployment: 'digits', port: 10_000, changedIn: 3, changedAt, backends };
      const ready = { type: 'Ready', status: isReady ? ('True' as const) : ('False' as const) };
      const one = pod('one', '10.0.0.1');
      return planGateway(
        {
          ...observed,
          requests: asks,
          table: { version: 3, routes: [route] },
          pods: [{ ...one, status: { ...one.status, conditions: [ready] } }],
          readings: report ? [{ podUid: 'one', report, at: 0 }] : [],
        },
        Date.parse(changedAt) + seconds * 1000,
        settings,
      );
    }
    type Asked = {
      percents?: readonly number[];
      known?: Partial<GatewayState>;
      isReady?: boolean;
      seconds?: number;
    };

    test.each<[string, Asked, number, boolean]>([
      ['often and first while it takes a table: it does not answer yet', { seconds: 5 }, 0.2, true],
      ['… it has not taken the routes', { known: { ...current, routes: { digits: 2 } }, seconds: 5 }, 0.2, true],
      ['… it has not taken the clusters', { known: { ...current, clusters: 2 }, seconds: 5 }, 0.2, true],
      ['first, every 0.9 s, while a candidate has weight', { percents: [10, 90], known: current }, 0.9, true],
      ['… while a candidate is known without weight', { percents: [0, 100], known: current }, 0.9, true],
      ['… while the first revision of all waits for its requests', { percents: [0], known: current }, 0.9, true],
      ['… also one that takes no table', { percents: [10, 90], known: { ...current, clusters: 2 } }, 0.9, true],
      ['every second when it took nothing for too long', { known: { ...current, clusters: 2 } }, 1, false],
      ['… when it is not ready', { known: current, isReady: false }, 1, false],
      ['… when it has not said anything', {}, 1, false],
      ['rarely when nothing moves', { known: current }, 5, false],
      ['… and it has taken a table just now', { known: current, seconds: 5 }, 5, false],
      ['… because nothing serves', { percents: [], known: current }, 5, false],
    ])('%s', (_, asked, everySeconds, isUrgent) => {
      expect(planFor(asked)?.measure).toMatchObject([{ everySeconds, isUrgent }]);
    });

    test('for as many entries as it is to have: its listeners and their backends', () => {
      expect(planFor({ percents: [10, 90], known: current })?.measure).toMatchObject([{ entries: 3 }]);
    });

    test('often for some time only: it looks again by itself, because a pod that is silent wakes nobody', () => {
      expect(planFor({ seconds: 5 })?.wakeAfterSeconds).toBe(10);
      expect(planFor({ seconds: 15 })?.wakeAfterSeconds).toBeUndefined();
    });
  });

  test('is in a hurry with its table only while requests are taken back from a candidate', () => {
    const request = { deployment: 'digits', port: undefined, backends: [] };
    const isUrgent = (isTakenBack: boolean) =>
      planGateway({ ...observed, requests: [request, { ...request, deployment: 'letters', isTakenBack }] }, 0, settings)
        ?.isUrgent;
    expect([isUrgent(false), isUrgent(true)]).toEqual([false, true]);
  });

  describe('with a ModelGateway', () => {
    const wishFor = (spec: object, generation = 1): GatewayWish => ({
      spec: modelGatewaySpecSchema.parse(spec),
      uid: 'mgw',
      generation,
    });
    const children = (wish: GatewayObserved['wish']) => planGateway({ ...observed, wish }, 0, settings)?.desired ?? [];
    const envoys = (wish: GatewayObserved['wish']) =>
      children(wish).find(({ manifest }) => manifest.kind === 'Deployment')?.manifest;

    test('is as that asks', () => {
      const wish = wishFor({
        replicas: 3,
        resources: { cpu: '1', memory: '1Gi', cpuLimit: '2' },
        scheduling: { tolerations: [{ key: 'pool', operator: 'Exists' }], imagePullSecrets: ['registry'] },
        podMetadata: { labels: { team: 'ml' }, annotations: { owner: 'Ada' } },
      });
      const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } };
      expect(envoys(wish)).toMatchObject({
        metadata: { labels: { team: 'ml' } },
        spec: {
          replicas: 3,
          template: {
            metadata: { labels: { team: 'ml' }, annotations: { owner: 'Ada' } },
            spec: {
              tolerations: [{ key: 'pool', operator: 'Exists' }],
              imagePullSecrets: [{ name: 'registry' }],
              containers: [{ resources }],
            },
          },
        },
      });
      for (const { manifest } of children(wish)) expect(manifest.metadata.labels).toMatchObject({ team: 'ml' });
    });

    test('that asks for nothing has the pods of a namespace without one', () => {
      expect(envoys(wishFor({}))?.['spec']).toEqual(envoys(undefined)?.['spec']);
    });

    test('tells by its Deployment for which generation it was made; its pods are the same for all that ask the same', () => {
      const [one, two] = [envoys(wishFor({}, 1)), envoys(wishFor({}, 2))];
      expect(one?.metadata.annotations).not.toEqual(two?.metadata.annotations);
      expect(one?.['spec']).toEqual(two?.['spec']);
    });

    test('that cannot be read stays as it is', () => {
      expect(children('Unreadable').map(({ lifetime }) => lifetime)).toEqual(['Retained', 'Retained', 'Retained']);
    });
  });

  test('makes new pods for a new bootstrap, and for nothing else of the operator', () => {
    expect(bootstrapOf({ xdsAddress: { host: 'elsewhere', port: 1 } })).not.toEqual(bootstrapOf({}));
    expect(bootstrapOf({ gatewayImage: 'envoy:2' })).toEqual(bootstrapOf({}));
    expect(Object.values(bootstrapOf({}) ?? {})).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });
});
