// Budgets and pauses.
import { describe, expect, test } from '@jest/globals';
import type { FailureClass } from '@sluice/crds/contract.ts';
import fc from 'fast-check';
import { decideRetry, type Retries } from './retry.ts';

const limits = { userCode: 0, outOfMemory: 1, infrastructure: 6, hang: 2 };
const context = { limits, identity: { uid: 'u', attempt: 1 } };

describe('a failed attempt', () => {
  test.each<[string, FailureClass, Retries, boolean]>([
    ['of user code is not tried again by default', 'UserCode', {}, false],
    ['for memory is tried once more', 'OutOfMemory', {}, true],
    ['for memory is not tried a second time', 'OutOfMemory', { outOfMemory: 1 }, false],
    [
      'of the infrastructure has its own budget',
      'Infrastructure',
      { outOfMemory: 1, hang: 2, infrastructure: 5 },
      true,
    ],
    ['of the infrastructure ends with its budget', 'Infrastructure', { infrastructure: 6 }, false],
    ['that hung is tried twice', 'Hang', { hang: 1 }, true],
    ['with wrong input is looked at again without a count', 'Data', { input: 40 }, true],
    ['without a device is not tried again', 'NoAccelerator', {}, false],
    ['that diverged would diverge again', 'Diverged', {}, false],
    ['for its image is not tried again', 'Image', {}, false],
    ['by a deadline is not tried again', 'Deadline', {}, false],
    ['by a bug of ours is not tried again', 'Internal', {}, false],
  ])('%s', (_, failure, spent, retryable) => {
    expect(decideRetry(failure, spent, context).retryable).toBe(retryable);
  });

  test('spends one of its own budget and nothing else', () => {
    const decision = decideRetry('Hang', { hang: 1, infrastructure: 3 }, context);
    expect(decision).toMatchObject({ retries: { hang: 2, infrastructure: 3 }, why: 'retry 2 of 2 for class Hang' });
  });

  test('pauses 10 s, doubling up to 10 min, each within a fifth', () => {
    for (const [spent, seconds] of [
      [0, 10],
      [1, 20],
      [2, 40],
      [5, 320],
      [6, 600],
      [50, 600],
    ] as const) {
      const decision = decideRetry(
        'Infrastructure',
        { infrastructure: spent },
        { ...context, limits: { ...limits, infrastructure: 100 } },
      );
      const delay = decision.retryable ? decision.delaySeconds : Number.NaN;
      expect(delay).toBeGreaterThanOrEqual(seconds * 0.8 - 0.5);
      expect(delay).toBeLessThanOrEqual(seconds * 1.2 + 0.5);
    }
  });

  test('pauses the same from look to look, and differently from job to job', () => {
    const delays = ['a', 'b', 'c', 'd', 'e'].map((uid) => {
      const look = () =>
        decideRetry('Infrastructure', { infrastructure: 5 }, { limits, identity: { uid, attempt: 6 } });
      expect(look()).toEqual(look());
      const decision = look();
      return decision.retryable ? decision.delaySeconds : 0;
    });
    expect(new Set(delays).size).toBeGreaterThan(1);
  });

  test('never waits less than a second, whatever was spent', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.string(), fc.nat(), (input, uid, attempt) => {
        const decision = decideRetry('Data', { input }, { limits, identity: { uid, attempt } });
        expect(decision.retryable && decision.delaySeconds >= 1 && decision.delaySeconds <= 360).toBe(true);
      }),
    );
  });
});
