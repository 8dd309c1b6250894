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
    ['for a claim that goes', unscheduled('persistentvolumeclaim "models" is being deleted'), 'Unschedulable', /anew/],
    [
      'for the pod that has the claim',
      unscheduled(
        '0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.',
      ),
      'Unschedulable',
      /another pod uses a ReadWriteOncePod claim/,
    ],
    [
      'for a volume of the right size',
      unscheduled("0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind."),
      'Unschedulable',
      /its size and its StorageClass/,
    ],
    [
      'for a volume that is gone',
      unscheduled(
        '0/1 nodes are available: 1 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s).',
      ),
      'Unschedulable',
      /lost its volume/,
    ],
    [
      'for disk',
      unscheduled('0/1 nodes are available: 1 Insufficient ephemeral-storage.'),
      'Unschedulable',
      /ephemeral-storage/,
    ],
    [
      'for volumes that are mounted',
      pod(1, { conditions: [{ type: 'PodReadyToStartContainers', status: 'False' }] }),
      'PodPending',
      /node node-a mounts its volumes. A ReadWriteOnce claim is on one node at a time/,
    ],
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
    ['for its image', waitingPod(1, 'ContainerCreating'), 'PodPending', /image is pulled/],
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

  test.each([
    'failed to create subPath directory for volumeMount "storage"',
    'failed to prepare subPath for volumeMount "storage"',
  ])('for a directory that the node cannot make (%s)', (message) => {
    const cause = explainWaiting(waitingPod(1, 'CreateContainerConfigError', message), wanted);
    expect(cause).toMatchObject({ reason: 'ContainerRefused', stalled: true });
    expect(cause.message).toMatch(/full, read-only or squashes root.*writable for the pod/);
    expect(cause.message.length).toBeLessThanOrEqual(200);
  });

  test('for an image name that can never work: waiting is over', () => {
    const cause = explainWaiting(waitingPod(1, 'InvalidImageName'), wanted);
    expect(cause).toMatchObject({ class: 'Image', final: true });
  });
});
