// When waiting and running have lasted too long.
import { describe, expect, test } from '@jest/globals';
import { activeDeadline, hangMessage, pendingDeadline } from './deadlines.ts';
import { start, startTime } from './testing/samples.ts';

const deadlines = { pendingSeconds: 30, progressSeconds: 60, activeSeconds: 100 };
const idle = (idleSeconds: number) => ({
  podUid: 'pod-1',
  at: start,
  report: {
    attempt: 1,
    stage: 'Fitting' as const,
    step: 0,
    totalSteps: 1,
    epoch: 0,
    totalEpochs: 1,
    idleSeconds,
    metrics: [],
  },
});

describe('a deadline', () => {
  test.each([
    ['is far at first', 0, { passed: false, inSeconds: 30 }],
    ['counts whole seconds, rounded up', 29_001, { passed: false, inSeconds: 1 }],
    ['passes at its very moment', 30_000, { passed: true }],
    ['stays passed', 99_000, { passed: true }],
  ])('of waiting %s', (_, milliseconds, expected) => {
    expect(pendingDeadline(deadlines, startTime, start + milliseconds)).toMatchObject(expected);
  });

  test.each([
    ['counts what earlier attempts ran', 40, { passed: false, inSeconds: 60 }],
    ['passes when all together ran as long', 100, { passed: true }],
  ])('of running %s', (_, ranSeconds, expected) => {
    expect(activeDeadline(deadlines, ranSeconds, start)).toMatchObject(expected);
  });

  test.each([
    ['is left to the supervisor at first', idle(89), undefined],
    ['is called by the operator 30 s later', idle(90), 'no step for 90 s (deadlines.progressSeconds: 60)'],
    ['is not called without a report', undefined, undefined],
  ])('of a hang %s', (_, reading, expected) => {
    expect(hangMessage(deadlines, reading)).toBe(expected);
  });
});
