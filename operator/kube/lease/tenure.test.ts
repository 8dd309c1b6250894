// Checks the memory that two threads share: what one notes the other reads, and a resignation is for good.
import { beforeEach, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.ts';
import { SharedTenure } from './tenure.ts';

let elector: SharedTenure;
let main: SharedTenure;

beforeEach(() => {
  elector = new SharedTenure();
  main = new SharedTenure(elector.memory);
});

test('a renewal that one side notes is read on the other side', () => {
  expect(main.renewedMs).toBeUndefined();
  elector.renewedMs = 1_234.567_89;
  expect(main.renewedMs).toBe(1_234.567);
  elector.renewedMs = undefined;
  expect(main.renewedMs).toBeUndefined();
});

test('H18: how long the main thread stands still is read on the other side', async () => {
  const clock = new FakeClock();
  await clock.advance(1_000);
  main.beat(clock);
  await clock.advance(250);
  expect(elector.stillForMs(clock)).toBe(250);
});

test('a renewal after a resignation counts for nothing', () => {
  elector.renewedMs = 1_000;
  main.resign();
  elector.renewedMs = 2_000;
  expect([main.renewedMs, elector.renewedMs]).toEqual([undefined, undefined]);
});

test('how long the lease was out of reach is read on the other side', async () => {
  const clock = new FakeClock();
  await clock.advance(1_000);
  elector.hear(clock);
  await clock.advance(3_000);
  expect(main.unheardForMs(clock)).toBe(3_000);
});
