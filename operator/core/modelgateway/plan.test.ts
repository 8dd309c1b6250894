// When a gateway is as its ModelGateway asks, and what is said when it is not.
import { describe, expect, test } from '@jest/globals';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { modelGatewaySpecSchema } from '@sluice/crds/v1alpha1/model-gateway.ts';
import { formatTime, parseTime } from '../conditions.ts';
import { gatewaySpecAnnotation } from '../gateway/children.ts';
import type { StartingPod } from '../pods/startup.ts';
import type { ModelGatewayObserved, ObservedGatewayDeployment } from './observed.ts';
import { planModelGateway } from './plan.ts';

const settings = { podDefaults: noPodDefaults, hash: () => 'abcdef0123456789' };
const startTime = '2026-01-05T10:00:00Z';
const start = parseTime(startTime);
const metadata = { name: 'default', namespace: 'ml', uid: 'mgw', generation: 3, creationTimestamp: startTime };

const deployment = (changes: object = {}, made = metadata): ObservedGatewayDeployment => ({
  metadata: { ...metadata, name: 'sluice-gateway', generation: 7, annotations: gatewaySpecAnnotation(made) },
  status: { observedGeneration: 7, replicas: 2, updatedReplicas: 2, readyReplicas: 2, ...changes },
});
const pod = (status: StartingPod['status'], seconds = 0): StartingPod => ({
  metadata: { name: 'gw-1', uid: 'gw-1', creationTimestamp: formatTime(start + seconds * 1000) },
  status,
});
const ready = pod({ podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] });
const noNode = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '1 node had taint pool=ml' };
const unschedulable = pod({ conditions: [noNode] });
const unpullable = pod({
  containerStatuses: [{ name: 'envoy', image: 'private/envoy', state: { waiting: { reason: 'ImagePullBackOff' } } }],
});

const observe = (changes: Partial<ModelGatewayObserved> = {}): ModelGatewayObserved => ({
  modelGateway: { metadata, spec: modelGatewaySpecSchema.parse({}), status: undefined },
  isUsed: true,
  deployment: deployment(),
  pods: [ready, ready],
  places: [],
  refusals: [],
  wayIn: {},
  ...changes,
});
const plan = (changes: Partial<ModelGatewayObserved>, seconds = 61) =>
  planModelGateway(observe(changes), start + seconds * 1000, settings);
const said = (changes: Partial<ModelGatewayObserved>, seconds = 61) =>
  Object.fromEntries((plan(changes, seconds).status.conditions ?? []).map(({ type, ...rest }) => [type, rest]));

describe('a gateway', () => {
  test('is as asked when it was made for this very spec, and all its pods answer', () => {
    expect(said({})).toEqual({ Ready: expect.objectContaining({ status: 'True', reason: 'PodsReady' }) });
    expect(plan({}).status).toMatchObject({ observedGeneration: 3, pods: 2, readyPods: 2 });
  });

  test('says what Envoy refuses in its words, by listener, and nothing of it when it is taken', () => {
    const word = (deployment: string, message: string) => ({
      ...{ type: 'listeners' as const, name: deployment, deployment, message },
    });
    const refusals = {
      deployments: ['digits', 'letters'],
      words: [word('digits', 'cannot bind: Address already in use')],
    };
    expect(plan({ refusals: [refusals, refusals] }).status.refusedUpdates).toEqual([
      { listener: 'digits', message: 'cannot bind: Address already in use' },
      { listener: 'letters', message: 'see the log of the gateway pods' },
    ]);
    expect(said({ refusals: [refusals] })['Ready']).toMatchObject({
      status: 'False',
      reason: 'UpdatesRefused',
      message: 'Envoy refuses digits (and 1 more): cannot bind: Address already in use',
    });
    expect(plan({}).status.refusedUpdates).toBeUndefined();
  });

  test('is not made, and nothing is wrong, in a namespace without a ModelDeployment', () => {
    const none = { isUsed: false, deployment: undefined, pods: [] };
    expect(said(none)).toEqual({ Ready: expect.objectContaining({ status: 'True', reason: 'Unused' }) });
  });

  test.each<[string, Partial<ModelGatewayObserved>]>([
    ['it is not there yet', { deployment: undefined, pods: [] }],
    ['it was made for an earlier spec', { deployment: deployment({}, { ...metadata, generation: 2 }) }],
    ['it was made for a ModelGateway that is gone', { deployment: deployment({}, { ...metadata, uid: 'old' }) }],
    ['its counts are older than its Deployment', { deployment: deployment({ observedGeneration: 6 }) }],
    ['not all its pods answer', { deployment: deployment({ readyReplicas: 1 }) }],
    ['pods of before are still there', { deployment: deployment({ replicas: 3 }) }],
  ])('is on its way while %s', (_, changes) => {
    const conditions = said(changes);
    expect(conditions).toMatchObject({
      Ready: { status: 'False', reason: 'PodsStarting' },
      Reconciling: { status: 'True', reason: 'PodsStarting' },
    });
    expect(conditions).not.toHaveProperty('Stalled');
  });

  const waiting = deployment({ readyReplicas: 0 });
  const closed = modelGatewaySpecSchema.parse({ access: { apiKeys: { secretName: 'callers' } } });
  const modelGateway = { metadata, spec: closed, status: undefined };
  const scheduled = { type: 'PodScheduled', status: 'True' };
  const unmounted = pod({ conditions: [scheduled, { type: 'PodReadyToStartContainers', status: 'False' }] });
  const noPod = { type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: limits.cpu' };
  const refused = deployment({ readyReplicas: 0, conditions: [noPod] });
  test.each<[string, Partial<ModelGatewayObserved>, RegExp]>([
    ['no node takes its pods', { deployment: waiting, pods: [unschedulable] }, /^no node takes pod gw-1: .*pool=ml/],
    ['its image cannot be had', { deployment: waiting, pods: [unpullable] }, /cannot get image private\/envoy/],
    ['a Secret is missing', { modelGateway, deployment: waiting, pods: [unmounted] }, /that Secret callers is there/],
    ['a quota takes no pod', { deployment: refused, pods: [] }, /cannot be made: exceeded quota: limits.cpu/],
  ])('is stalled, and tells of it once, when %s for a minute', (_, changes, message) => {
    const cause = { reason: 'PodsNotStarting', message: expect.stringMatching(message) };
    const first = plan(changes, 0);
    expect(first.events).toEqual([]);
    const seen = observe(changes);
    const later = (seconds: number, { status }: typeof first) =>
      planModelGateway({ ...seen, modelGateway: { ...seen.modelGateway, status } }, start + seconds * 1000, settings);
    expect(later(59, first).status.conditions).toMatchObject([
      { type: 'Ready', status: 'False', ...cause },
      { type: 'Reconciling', ...cause },
    ]);
    const stalled = later(60, first);
    expect(stalled.status.conditions).toMatchObject([
      { type: 'Ready', ...cause },
      { type: 'Stalled', ...cause },
    ]);
    expect(stalled.events).toMatchObject([{ type: 'Warning', ...cause }]);
    expect(later(90, stalled).events).toEqual([]);
  });
});
