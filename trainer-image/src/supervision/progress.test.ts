// The progress document, folded from signs.
import { expect, test } from '@jest/globals';
import { progressReportSchema } from '@sluice/crds/contract.ts';
import type { Sign } from '../messages.ts';
import { advance, describeProgress, startProgress } from './progress.ts';

const step = (number: number, loss = 0.5): Sign => ({
  type: 'Step',
  step: number,
  totalSteps: 100,
  epoch: 1,
  totalEpochs: 10,
  metrics: [{ name: 'loss', value: loss }],
});

/** Folds signs, each with the second at which it came. */
function fold(...signs: ReadonlyArray<readonly [number, Sign]>) {
  return signs.reduce((progress, [second, sign]) => advance(progress, sign, second * 1000), startProgress(3, 0));
}

test('before the first sign it is starting, and idle since then', () => {
  const report = describeProgress(startProgress(3, 0), 1500);
  expect(report).toEqual({
    attempt: 3,
    stage: 'Starting',
    step: 0,
    totalSteps: 0,
    epoch: 0,
    totalEpochs: 0,
    metrics: [],
    idleSeconds: 1.5,
  });
});

test('a step brings position, metrics and, from the second one on, an estimate', () => {
  const once = fold([1, { type: 'Stage', stage: 'Fitting' }], [2, step(10)]);
  expect(describeProgress(once, 2000).etaSeconds).toBeUndefined();
  const twice = advance(once, step(20), 4000);
  expect(describeProgress(twice, 4000)).toMatchObject({ step: 20, epoch: 1, etaSeconds: 16, idleSeconds: 0 });
});

test('a resumed run estimates from the steps it did itself', () => {
  const progress = fold([0, { type: 'Stage', stage: 'Fitting' }], [10, step(80)], [20, step(90)]);
  expect(describeProgress(progress, 20_000).etaSeconds).toBe(10);
});

test('a sign of life ends idleness without moving the position', () => {
  const progress = fold([1, step(5)], [9, { type: 'Alive' }]);
  expect(describeProgress(progress, 10_000)).toMatchObject({ step: 5, idleSeconds: 1 });
});

test('numbers that are not finite never leave the pod', () => {
  const report = describeProgress(fold([1, step(5, Number.NaN)]), 1000);
  expect(report.metrics).toEqual([]);
  expect(progressReportSchema.safeParse(report).success).toBe(true);
});
