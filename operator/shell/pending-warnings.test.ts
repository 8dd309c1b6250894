// What is said of an object that waits for an address: read seldom, and never needed.
import { expect, test } from '@jest/globals';
import type { KubeClient } from '../kube/client.ts';
import { FakeClock } from '../kube/testing/fake-clock.ts';
import { stored } from '../kube/testing/stored.ts';
import { PendingWarnings } from './pending-warnings.ts';

const service = stored({ name: 'sluice-gateway', namespace: 'ml', uid: 'u' }, { kind: 'Service' });
const event = (type: string, note: string, second: number) => ({
  type,
  reason: 'SyncLoadBalancerFailed',
  note,
  eventTime: `2026-01-05T10:00:0${second}.000000Z`,
  metadata: { creationTimestamp: '2026-01-05T10:00:00Z' },
});

function world(answers: (readonly object[] | Error)[]) {
  const asked: unknown[] = [];
  const troubles: string[] = [];
  const client = {
    async *pages(_resource: object, selection: object) {
      asked.push(selection);
      const next = answers.shift();
      if (next instanceof Error) throw next;
      yield { items: next ?? [] };
    },
  } as unknown as KubeClient;
  const clock = new FakeClock();
  const warnings = new PendingWarnings({ client, clock, onTrouble: (key) => troubles.push(key) });
  const of = () => warnings.of(service, AbortSignal.timeout(10_000));
  return { asked, troubles, clock, of };
}

test('the newest warning is told, with its reason, on one line', async () => {
  const events = [event('Normal', 'Ensuring', 9), event('Warning', 'quota\nexceeded', 2), event('Warning', 'old', 1)];
  expect(await world([events]).of()).toBe('SyncLoadBalancerFailed: quota exceeded');
});

test('it is asked once in ten seconds, for warnings about this very object, and few of them', async () => {
  const { of, asked, clock } = world([[event('Warning', 'first', 1)], []]);
  expect([await of(), await of()]).toEqual(['SyncLoadBalancerFailed: first', 'SyncLoadBalancerFailed: first']);
  expect(asked).toEqual([
    expect.objectContaining({ namespace: 'ml', fieldSelector: 'regarding.uid=u,type=Warning', limit: 50 }),
  ]);
  await clock.advance(10_000);
  expect(await of()).toBeUndefined();
  expect(asked).toHaveLength(2);
});

test('what was known stays when Events cannot be read', async () => {
  const { of, troubles, clock } = world([[event('Warning', 'first', 1)], new Error('forbidden')]);
  await of();
  await clock.advance(10_000);
  expect(await of()).toBe('SyncLoadBalancerFailed: first');
  expect(troubles).toEqual(['ml/sluice-gateway']);
});
