// What keeps server pods from becoming ready, in the words of a person who can change it.
import { describe, expect, test } from '@jest/globals';
import type { ObservedWorkload, ServerPod } from '../observed.ts';
import { at, revision, serverPod, start, startTime, workload } from '../testing/samples.ts';
import { obstacleOf, runsInVain } from './startup.ts';
import { isWarm } from './workload.ts';

const own = revision(1).revision;
const refusal = (text: string): ServerPod['status'] => ({
  initContainerStatuses: [{ name: 'fetch', state: { terminated: { exitCode: 21, message: text } } }],
});
const waiting = (reason: string, message?: string): ServerPod['status'] => ({
  containerStatuses: [{ name: 'server', image: 'server:1', state: { waiting: { reason, message } } }],
});
const looping = (end: object): ServerPod['status'] => ({
  containerStatuses: [
    {
      name: 'server',
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1, ...end } },
    },
  ],
});
const seen = (of: ObservedWorkload, pods: readonly ServerPod[], now = start) => ({ workload: of, pods, now });
const missing = JSON.stringify({ reason: 'BundleMissing', message: 'no manifest.json in sha256-1' });

describe('the obstacle of a revision', () => {
  test.each<[string, ServerPod['status'], string, RegExp]>([
    ['the bundle was refused, with its reason', refusal(missing), 'BundleMissing', /^no manifest/],
    ['the bundle was refused without a word', refusal('?'), 'BundleCorrupt', /restore its files/],
    ['the image cannot be had', waiting('ImagePullBackOff'), 'ServerNotStarting', /cannot get image server:1/],
    [
      'the container cannot be made',
      waiting('CreateContainerError', 'no such device'),
      'ServerNotStarting',
      /no such device/,
    ],
    ['memory is short', looping({ reason: 'OOMKilled' }), 'ServerNotStarting', /raise server.resources.memory/],
    ['the server ends again and again', looping({ message: 'bad signature' }), 'ServerNotStarting', /bad signature/],
    ['it ends without a word', looping({}), 'ServerNotStarting', /exit code 1/],
    [
      'a container that others added ends again and again',
      {
        containerStatuses: [
          {
            name: 'istio-proxy',
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, reason: 'OOMKilled' } },
          },
          { name: 'server', state: { running: {} } },
        ],
      },
      'ServerNotStarting',
      /container istio-proxy, which Sluice did not add\) keeps ending: exit code 1/,
    ],
    [
      'an init container that others added has an exit code of ours',
      {
        initContainerStatuses: [
          {
            name: 'vault-init',
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 21 } },
          },
        ],
      },
      'ServerNotStarting',
      /vault-init, which Sluice did not add/,
    ],
    [
      'no node takes it',
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }] },
      'ServerNotStarting',
      /^no node takes pod .*0\/1 nodes/,
    ],
  ])('%s', (_, status, reason, message) => {
    const obstacle = obstacleOf(own, seen(workload(1, 0), [serverPod(1, status)]));
    expect(obstacle).toMatchObject({ reason, message: expect.stringMatching(message) });
  });

  const overLimit = 'Usage of EmptyDir volume "model" exceeds the limit "2Gi". ';
  const evicted = (message: string): ServerPod['status'] => ({ phase: 'Failed', reason: 'Evicted', message });

  test.each([
    overLimit,
    'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ',
    'Container server exceeded its local ephemeral storage limit "1Gi". ',
  ])('it used more disk than it may: %s', (message) => {
    const obstacle = obstacleOf(own, seen(workload(1, 0), [serverPod(1, evicted(message))]));
    expect(obstacle?.reason).toBe('ServerNotStarting');
    expect(obstacle?.message).toContain(`was evicted: ${message.trim().slice(0, -1)}; set the version's bundle.bytes`);
    expect(obstacle?.message.length).toBeLessThanOrEqual(200);
  });

  test('is not that a node was short of disk, nor what happened before all pods were ready', () => {
    const nodeIsFull = evicted('The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi.');
    expect(obstacleOf(own, seen(workload(1, 0), [serverPod(1, nodeIsFull)]))).toBeUndefined();
    expect(obstacleOf(own, seen(workload(1, 2), [serverPod(1, evicted(overLimit))]))).toBeUndefined();
  });

  test('its pods cannot even be made', () => {
    const refused = workload(1, 0);
    const conditions = [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: pods=2' }];
    expect(obstacleOf(own, seen({ ...refused, status: { ...refused.status, conditions } }, []))).toEqual({
      reason: 'ServerNotStarting',
      message: 'its pods cannot be made: exceeded quota: pods=2',
    });
  });

  test('is not that of an evaluation that asks it', () => {
    const pod = serverPod(1, waiting('ImagePullBackOff'));
    const labels = { ...pod.metadata.labels, 'app.kubernetes.io/component': 'evaluator' };
    expect(obstacleOf(own, seen(workload(1, 1), [{ ...pod, metadata: { ...pod.metadata, labels } }]))).toBeUndefined();
  });

  test('is not that of another revision, nor of a pod that goes', () => {
    const leaving = serverPod(1, refusal(missing));
    const gone = { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: 'now' } };
    expect(obstacleOf(own, seen(workload(1, 0), [serverPod(2, refusal(missing)), gone]))).toBeUndefined();
  });

  test('is none while pods merely start', () => {
    expect(obstacleOf(own, seen(workload(1, 0), [serverPod(1, waiting('ContainerCreating'))]))).toBeUndefined();
  });
});

const unready = { type: 'Ready', status: 'False', lastTransitionTime: startTime };
const running: ServerPod['status'] = {
  conditions: [unready],
  containerStatuses: [{ name: 'server', state: { running: { startedAt: startTime } } }],
};

test.each([
  [599, undefined],
  [600, 'ServerNotStarting'],
])('a pod that has run for %i s without becoming ready is an obstacle: %s', (seconds, reason) => {
  const pods = [serverPod(1, running)];
  expect(obstacleOf(own, seen(workload(1, 0), pods, start + seconds * 1000))?.reason).toBe(reason);
});

test('a pod that has served for long and is not ready for a moment is none', () => {
  const lately = { ...running, conditions: [{ ...unready, lastTransitionTime: at(86_400) }] };
  expect(obstacleOf(own, seen(workload(1, 0), [serverPod(1, lately)], start + 86_401_000))).toBeUndefined();
});

describe('time for the warm-up runs', () => {
  test.each<[string, ServerPod['status'], boolean]>([
    ['while a pod runs and is not ready', running, true],
    ['while a pod keeps ending', looping({ message: 'bad signature' }), true],
    ['while the bundle is refused', refusal(missing), true],
    ['not while all are ready', { ...running, conditions: [{ ...unready, status: 'True' }] }, false],
    ['not while nothing of it has begun', waiting('ContainerCreating'), false],
    ['not while its image cannot be had', waiting('ImagePullBackOff'), false],
    ['not while its container is refused', waiting('CreateContainerConfigError'), false],
    [
      'not while no node takes it',
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
      false,
    ],
    [
      'not while its node goes',
      { ...running, conditions: [unready, { type: 'DisruptionTarget', status: 'True' }] },
      false,
    ],
  ])('%s', (_what, status, runs) => expect(runsInVain(own, [serverPod(1, status)])).toBe(runs));

  test('not while there is no pod', () => expect(runsInVain(own, [serverPod(2, running)])).toBe(false));
});

describe('a revision is warm', () => {
  const status = { observedGeneration: 1, updatedReplicas: 2, readyReplicas: 2 };
  const metadata = workload(1).metadata;
  test.each([
    ['when as many pods as wanted are ready', workload(1, 2), true],
    ['not while one is missing', workload(1, 1), false],
    ['not before its Deployment is there', undefined, false],
    ['not before the new number of replicas was written', workload(1, 3, 3), false],
    [
      'not while the count is that of an older spec',
      { metadata: { ...metadata, generation: 2 }, spec: { replicas: 2 }, status },
      false,
    ],
    [
      'not while pods of an older template are counted',
      { metadata, spec: { replicas: 2 }, status: { ...status, updatedReplicas: 1 } },
      false,
    ],
  ])('%s', (_, each, warm) => expect(isWarm(each, 2)).toBe(warm));
});
