// When a replica is ready, and when only a restart helps.
import { describe, expect, test } from '@jest/globals';
import { isAlive, notReady, type Vitals } from './health.ts';

const well: Vitals = { hasIdentity: true, unsynced: [], stuckForMs: 0, leaseUnheardForMs: 0, leaseMs: 60_000 };

describe('a replica', () => {
  test.each<[string, Partial<Vitals>, string]>([
    ['is ready, whether it leads or not', {}, ''],
    [
      'waits for what gateways know it by',
      { hasIdentity: false },
      'waiting for the Secret that holds its certificate; see the log',
    ],
    ['waits for its caches', { unsynced: ['jobs', 'pods'] }, 'waiting for the first list of jobs, pods'],
    ['is ready while a reconcile takes its time', { stuckForMs: 59_999 }, ''],
    ['stands still', { stuckForMs: 61_000 }, 'no reconcile has begun for 61 s though objects wait'],
    ['bridges a short outage', { leaseUnheardForMs: 59_999 }, ''],
    [
      'that can never lead is not ready',
      { leaseUnheardForMs: 90_500 },
      'the leader lease could not be read or written for 90 s; see the log',
    ],
  ])('%s', (_, changes, why) => expect(notReady({ ...well, ...changes })).toBe(why));

  test('is restarted when its workers are stuck for longer than any reconcile may take, and for nothing else', () => {
    expect(isAlive({ stuckForMs: 119_999 })).toBe(true);
    expect(isAlive({ stuckForMs: 120_000 })).toBe(false);
  });
});
