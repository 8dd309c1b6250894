// Why a pod does not run yet, in words that name the field.
import { describe, expect, test } from '@jest/globals';
import { pod, spec, waitingPod } from '../../trainingjob/testing/samples.ts';
import { trainerWish } from '../../trainingjob/trainer.ts';
import type { ObservedPod } from '../observed.ts';
import { explainWaiting } from './waiting.ts';

const wanted = trainerWish(spec({ resources: { cpu: '4', memory: '64Gi', gpu: { count: 2 } } }), 'digits-1');
const unscheduled = (message: string, reason = 'Unschedulable'): ObservedPod =>
  pod(1, { conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] });

describe('a pod waits', () => {
  test.each<[string, ObservedPod | undefined, string, RegExp]>([
    ['for the Job controller', undefined, 'PodPending', /^Job digits-1 has no pod yet.*kubectl describe job digits-1/],
    [
      'for a device',
      unscheduled('0/3 nodes are available: 1 Insufficient cpu, 3 Insufficient nvidia.com/gpu. preemption: no'),
      'Unschedulable',
      /^no node offers 2 × nvidia\.com\/gpu .*Scheduler: 0\/3 nodes are available: 1 Insufficient cpu, 3 Insufficient nvidia\.com\/gpu$/,
    ],
    [
      'for memory',
      unscheduled('0/3 nodes are available: 3 Insufficient memory.'),
      'Unschedulable',
      /64Gi of memory.*resources\.memory/,
    ],
    ['for CPU', unscheduled('0/3 nodes are available: 3 Insufficient cpu.'), 'Unschedulable', /4 CPU.*resources\.cpu/],
    [
      'for another device of a similar name',
      unscheduled('0/1 nodes are available: 1 Insufficient nvidia.com/gpu-shared.'),
      'Unschedulable',
      /^no node takes the pod/,
    ],
    ['for a claim', unscheduled('persistentvolumeclaim "models" not found'), 'Unschedulable', /does not exist/],
    ['for a volume', unscheduled('pod has unbound immediate PersistentVolumeClaims'), 'Unschedulable', /StorageClass/],
    [
      'between two nodes',
      unscheduled('0/2 nodes are available: 2 node(s) had volume node affinity conflict.'),
      'Unschedulable',
      /different nodes/,
    ],
    [
      'for a label',
      unscheduled("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."),
      'Unschedulable',
      /scheduling\.nodeSelector/,
    ],
    [
      'for a toleration',
      unscheduled('0/1 nodes are available: 1 node(s) had untolerated taint {gpu: true}.'),
      'Unschedulable',
      /scheduling\.tolerations/,
    ],
    ['for reasons we do not know', unscheduled('0/1 nodes: something new'), 'Unschedulable', /something new/],
    ['for its queue', unscheduled('', 'SchedulingGated'), 'SchedulingGated', /queue/],
    ['for its volumes', waitingPod(1, 'ContainerCreating'), 'PodPending', /volumes/],
  ])('%s, and may go on by itself', (_, waiting, reason, message) => {
    const cause = explainWaiting(waiting, wanted);
    expect(cause).toMatchObject({ reason, class: 'Deadline', stalled: false });
    expect(cause.message).toMatch(message);
  });

  test.each([
    ['an image that cannot be pulled', 'ImagePullBackOff', 'ImageUnavailable', /manifest unknown.*imagePullSecrets/],
    ['an image that cannot be pulled now', 'ErrImagePull', 'ImageUnavailable', /imagePullSecrets/],
    ['a container that is refused', 'CreateContainerConfigError', 'ContainerRefused', /manifest unknown.*digits-1-x/],
  ])('for %s, and somebody has to act', (_, waiting, reason, message) => {
    const cause = explainWaiting(waitingPod(1, waiting, 'manifest unknown. More.'), wanted);
    expect(cause).toMatchObject({ reason, class: 'Image', stalled: true });
    expect(cause.final).toBeUndefined();
    expect(cause.message).toMatch(message);
  });

  test('for an image name that can never work: waiting is over', () => {
    const cause = explainWaiting(waitingPod(1, 'InvalidImageName'), wanted);
    expect(cause).toMatchObject({ class: 'Image', final: true });
  });
});
