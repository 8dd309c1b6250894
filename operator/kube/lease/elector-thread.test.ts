// Checks the thread's life: what its failure means. That it leads is checked on a real apiserver.
import { expect, test } from '@jest/globals';
import { ElectorThread } from './elector-thread.ts';

const common = { userAgent: 'test/1', fieldManager: 'test', lease: { name: 'a', namespace: 'b', identity: 'c' } };

test('H18: a thread that fails has lost the lease', async () => {
  const told: string[] = [];
  const elector = new ElectorThread({ ...common, cluster: { kubeconfig: '/nowhere/kubeconfig' } });
  const onLost = (reason: string): number => told.push(reason);
  await elector.run(new AbortController().signal, { onAcquired: () => told.push('acquired'), onLost });
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('thread failed');
  expect(elector.isLeader()).toBe(false);
}, 30_000);

test('refuses times by which two could lead at once', () => {
  const timing = { leaseSeconds: 15, renewSeconds: 15, retrySeconds: 2 };
  expect(() => new ElectorThread({ ...common, cluster: {}, timing })).toThrow('leaseSeconds must exceed renewSeconds');
});
