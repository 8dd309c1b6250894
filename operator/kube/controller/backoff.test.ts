// Checks delays and budgets against client-go's figures.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Backoff, itemBackoffMs, REFLECTOR_BACKOFF, TokenBucket } from './backoff.ts';

describe('Backoff', () => {
  test('H5: a reflector waits 0.8 s, doubling to 30 s', () => {
    const backoff = new Backoff(REFLECTOR_BACKOFF);
    const delays = Array.from({ length: 8 }, () => backoff.next(0, 0));
    expect(delays).toEqual([800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
  });

  test('jitter at most doubles a delay', () => {
    expect(new Backoff(REFLECTOR_BACKOFF).next(0, 0.999)).toBeCloseTo(1599.2);
  });

  test('two quiet minutes start it over', () => {
    const backoff = new Backoff(REFLECTOR_BACKOFF);
    backoff.next(0, 0);
    expect(backoff.next(1_000, 0)).toBe(1600);
    expect(backoff.next(1_000 + 1_600 + 120_001, 0)).toBe(800);
  });
});

describe('itemBackoffMs', () => {
  test.each([
    [0, 5],
    [1, 10],
    [10, 5_120],
    [17, 655_360],
    [18, 1_000_000],
    [1_000, 1_000_000],
  ])('H13: after %d failures it is %d ms', (failures, ms) => expect(itemBackoffMs(failures)).toBe(ms));
});

describe('TokenBucket', () => {
  test('lets a burst through and then one at a time', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 });
    expect([0, 0, 0, 0].map((nowMs) => bucket.reserve(nowMs))).toEqual([0, 0, 100, 200]);
    expect(bucket.reserve(1_000)).toBe(0);
  });

  test('never lets more through than its rate and burst allow', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 });
    fc.assert(
      fc.property(pauses, (gaps) => {
        const bucket = new TokenBucket({ perSecond: 10, burst: 5 });
        let nowMs = 0;
        let taken = 0;
        for (const gap of gaps) {
          nowMs += gap;
          if (bucket.tryTake(nowMs)) taken += 1;
        }
        expect(taken).toBeLessThanOrEqual(5 + nowMs / 100 + 1e-6);
      }),
    );
  });
});
