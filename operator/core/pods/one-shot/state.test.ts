// Where a one-shot Job stands, whoever else has put containers into its pod, suspended it, or lost its node: the same for
// every kind.
import { describe, expect, test } from '@jest/globals';
import { evaluator } from '../../evaluation/evaluator.ts';
import { at } from '../../modeldeployment/testing/samples.ts';
import { verifier } from '../../modelversion/verifier.ts';
import { success } from '../../trainingjob/testing/samples.ts';
import { trainer } from '../../trainingjob/trainer.ts';
import type { ObservedContainer, ObservedJob, ObservedMetadata, ObservedPod } from '../observed.ts';
import type { Program } from './program.ts';
import { type OneShotObserved, oneShotState } from './state.ts';
import { explainWaiting } from './waiting.ts';

const counts = {
  data: success.data,
  n: 1797,
  outcome: { type: 'Classes', right: 1797, wrong: 0 },
  candidate: { failedRequests: 0, failedRows: 0, nonFinite: 0 },
};
const kinds: readonly [Program<unknown>, string][] = [
  [trainer, JSON.stringify({ success })],
  [evaluator, JSON.stringify({ success: counts })],
  [verifier, ''],
];

const suspendedSince = (seconds: number, status: string) => ({
  type: 'Suspended',
  status,
  lastTransitionTime: at(seconds),
});
const job = (changes: Partial<ObservedJob> = {}): ObservedJob => ({
  metadata: { name: 'digits-1', uid: 'j', creationTimestamp: at(0) },
  ...changes,
});
const held = job({ spec: { suspend: true }, status: { conditions: [suspendedSince(60, 'True')] } });
const resumed = job({ spec: { suspend: false }, status: { conditions: [suspendedSince(120, 'False')] } });

const now = Date.parse(at(200));
const running = { running: { startedAt: at(10) } };
const killed = { terminated: { exitCode: 137, startedAt: at(10), finishedAt: at(100) } };
const drained = { terminated: { exitCode: 20, startedAt: at(10), finishedAt: at(100) } };
const sidecar = (state: ObservedContainer['state']): ObservedContainer => ({ name: 'istio-proxy', state });

describe.each(kinds)('$container', (program, message) => {
  const own = (state: ObservedContainer['state']): ObservedContainer => ({ name: program.container, state });
  const pod = (status: ObservedPod['status'], metadata: Partial<ObservedMetadata> = {}): ObservedPod => ({
    metadata: { name: 'digits-1-x', uid: 'p', creationTimestamp: at(5), ...metadata },
    spec: { nodeName: 'node-a' },
    status: { phase: 'Running', ...status },
  });
  const done = { terminated: { exitCode: 0, message, startedAt: at(10), finishedAt: at(100) } };
  const state = (pods: readonly ObservedPod[], of: Partial<OneShotObserved> = {}) =>
    oneShotState({ job: job(), pods, ...of }, program, now);
  const ready = (status: string, reason?: string) => ({
    type: 'Ready',
    status,
    reason,
    lastTransitionTime: at(150),
  });

  describe('has its result', () => {
    test.each<[string, ObservedPod['status']]>([
      ['and nothing else was there', { phase: 'Succeeded', containerStatuses: [own(done)] }],
      ['although a sidecar runs on', { containerStatuses: [own(done), sidecar(running)] }],
      ['although a sidecar that runs on is named first', { containerStatuses: [sidecar(running), own(done)] }],
      ['although a sidecar failed', { phase: 'Failed', containerStatuses: [own(done), sidecar(killed)] }],
      [
        'although a sidecar of the kubelet (restartPolicy Always) runs on',
        { containerStatuses: [own(done)], initContainerStatuses: [sidecar(running)] },
      ],
      ['although its node is lost since', { containerStatuses: [own(done)], conditions: [ready('False')] }],
    ])('%s', (_, status) => {
      expect(state([pod(status)])).toMatchObject({ type: 'Ended', ending: { type: 'Result' }, endedAt: at(100) });
    });

    test('although its Job was suspended after it, and although it is being deleted', () => {
      const ended = pod({ containerStatuses: [own(done)] }, { deletionTimestamp: at(101) });
      for (const each of [held, resumed]) {
        expect(state([ended], { job: each })).toMatchObject({ type: 'Ended', ending: { type: 'Result' } });
      }
    });
  });

  test('failed when it failed, although a sidecar runs on', () => {
    const failed = pod({ containerStatuses: [sidecar(running), own({ terminated: { exitCode: 16 } })] });
    expect(state([failed])).toMatchObject({ type: 'Ended', ending: { type: 'Failure', class: 'Internal' } });
  });

  test('never ran when a container before it failed, in the words of that one', () => {
    const init = { terminated: { exitCode: 2, message: 'vault: permission denied' } };
    const status = {
      phase: 'Failed',
      initContainerStatuses: [{ name: 'vault-init', state: init }],
      containerStatuses: [own({ waiting: { reason: 'PodInitializing' } })],
    };
    const message = 'init container vault-init, which Sluice did not add, exited with code 2: vault: permission denied';
    expect(state([pod(status)])).toMatchObject({ ending: { type: 'Failure', class: 'Infrastructure', message } });
  });

  describe('that somebody else suspended', () => {
    test.each<[string, readonly ObservedPod[]]>([
      ['before it had a pod', []],
      ['while its pod stops', [pod({ containerStatuses: [own(running)] }, { deletionTimestamp: at(201) })]],
      ['when its pod has stopped', [pod({ phase: 'Failed', containerStatuses: [own(drained)] })]],
      ['when its pod was killed for it', [pod({ phase: 'Failed', containerStatuses: [own(killed)] })]],
    ])('%s waits, and is not lost', (_, pods) => {
      expect(state(pods, { job: held, ranSince: at(10) }).type).toBe('Suspended');
    });

    test('and that goes on waits for its new pod, from then', () => {
      const gone = pod({ phase: 'Failed', containerStatuses: [own(drained)] }, { deletionTimestamp: at(110) });
      for (const pods of [[], [gone]]) {
        expect(state(pods, { job: resumed, ranSince: at(10) })).toMatchObject({ type: 'Waiting', since: at(120) });
      }
      const next = pod({ containerStatuses: [own(running)] }, { name: 'digits-1-y', creationTimestamp: at(130) });
      expect(state([next, gone], { job: resumed })).toMatchObject({ type: 'Running', pod: next });
    });

    test('and that goes on is lost like any other when its new pod is deleted', () => {
      expect(state([], { job: resumed, ranSince: at(130) })).toMatchObject({ ending: { class: 'Infrastructure' } });
    });
  });

  describe('whose node is away', () => {
    const containerStatuses = [own(running)];

    test.each<[string, ObservedPod['status']]>([
      [
        'by the word of the node controller, which gives no reason',
        { containerStatuses, conditions: [ready('False')] },
      ],
      ['by an unknown phase', { phase: 'Unknown', containerStatuses, conditions: [ready('Unknown')] }],
    ])('%s runs as far as anybody knows', (_, status) => {
      expect(state([pod(status)])).toMatchObject({ type: 'Running', absence: { node: 'node-a', since: at(150) } });
    });

    test.each<[string, ObservedPod['status']]>([
      ['a sidecar is not ready', { containerStatuses, conditions: [ready('False', 'ContainersNotReady')] }],
      [
        'a readiness gate of others is not open',
        { containerStatuses, conditions: [ready('False', 'ReadinessGatesNotReady')] },
      ],
      ['it is ready', { containerStatuses, conditions: [ready('True')] }],
    ])('is not what is said when %s', (_, status) => {
      expect(state([pod(status)])).toMatchObject({ type: 'Running', absence: undefined });
    });

    test.each([
      ['that runs', { phase: 'Running', containerStatuses }],
      ['that never started', { phase: 'Pending' }],
    ])('is lost infrastructure when the deletion of its pod %s does not end', (_, status) => {
      const going = (deletionTimestamp: string) => state([pod(status, { deletionTimestamp })]);
      expect(going(at(190)).type).not.toBe('Ended');
      expect(going(at(140))).toMatchObject({
        ending: {
          class: 'Infrastructure',
          message: 'pod digits-1-x was deleted and node node-a does not confirm its end',
        },
      });
    });

    test('is lost when its pod was collected with the node', () => {
      const conditions = [
        { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'node gone' },
      ];
      const failed = pod({ phase: 'Failed', containerStatuses: [own(running)], conditions });
      expect(state([failed])).toMatchObject({
        ending: { class: 'Infrastructure', message: expect.stringMatching(/DeletionByPodGC/) },
      });
    });
  });

  describe('waits for a container that others put before it', () => {
    const wish = {
      jobName: 'digits-1',
      container: program.container,
      image: 'the image',
      memory: { amount: '1Gi' },
      cpu: { amount: '1' },
    };
    const initialising = (name: string, init: ObservedContainer['state'], restartPolicy?: string): ObservedPod => ({
      ...pod({
        phase: 'Pending',
        initContainerStatuses: [{ name, state: init }],
        containerStatuses: [own({ waiting: { reason: 'PodInitializing' } })],
      }),
      spec: { initContainers: [{ name, restartPolicy }] },
    });

    test.each<[string, ObservedPod, RegExp]>([
      ['that does not end', initialising('vault-init', running), /vault-init of pod digits-1-x.*has not ended yet/],
      [
        'that cannot start',
        initialising('istio-init', { waiting: { reason: 'ErrImagePull', message: 'manifest unknown' } }),
        /istio-init.*waits \(ErrImagePull\): manifest unknown/,
      ],
      [
        'that is to stay and keeps ending',
        initialising('istio-proxy', { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }, 'Always'),
        /istio-proxy.*waits \(CrashLoopBackOff\): back-off/,
      ],
    ])('%s', (_, waiting, words) => {
      expect(explainWaiting(waiting, wish)).toMatchObject({
        reason: 'InitContainerWaits',
        message: expect.stringMatching(words),
        stalled: false,
      });
    });

    test('but not for one that runs beside it', () => {
      expect(explainWaiting(initialising('istio-proxy', running, 'Always'), wish).reason).toBe('PodPending');
    });
  });
});
