// How often a table is written.
import { expect, test } from '@jest/globals';
import { FakeClock } from '../kube/testing/fake-clock.ts';
import { TablePace, tableEveryMs } from './table-pace.ts';

test('a table is written at once after a quiet moment, and then once in a while; another namespace waits for nothing', async () => {
  const clock = new FakeClock();
  const pace = new TablePace(clock);
  expect(pace.waitMs('ml')).toBe(0);
  pace.note('ml');
  await clock.advance(tableEveryMs / 2);
  expect([pace.waitMs('ml'), pace.waitMs('other')]).toEqual([tableEveryMs / 2, 0]);
  await clock.advance(tableEveryMs);
  expect(pace.waitMs('ml')).toBe(0);
  pace.note('ml');
  pace.forget('ml');
  expect(pace.waitMs('ml')).toBe(0);
});
