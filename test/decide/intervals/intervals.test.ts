// A small sample of npm run decide -- intervals, with bounds that so few runs can hold, and the page that its full run wrote.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Coverage, lawOf, measureCoverage } from './measure.ts';
import { coverageOf, intervalJson, notMisled } from './report.ts';
import { shapes } from './shapes.ts';

function sample(name: string, rows: number): Coverage[] {
  const shape = shapes.find((each) => each.name === name);
  if (shape === undefined) throw new RangeError(`there is no shape ${name}`);
  return measureCoverage(lawOf(shape, 50_000), { rows, runs: 100, seed: 3 });
}

const none = { shape: 'a', rows: 50, metric: 'mae', truth: 1, runs: 100 } as const;

describe('a sample of the intervals', () => {
  // At a true coverage of 95 %, 100 runs fall below 86 % in 1 case of 2,000.
  test.each([
    ['normal errors', 100],
    ['log-normal errors, σ = 0.5', 500],
    ['heavy tails, t with 3 degrees', 500],
    ['2 classes, calibrated', 100],
    ['2 classes, one rare', 500],
    ['3 classes, rare ones', 100],
  ])('%s, %i rows: those that are given hold', (name, rows) => {
    for (const one of sample(name, rows)) expect([one.metric, coverageOf(one) >= 0.86]).toEqual([one.metric, true]);
  });

  test('skewed errors get no RMSE, rather than a wrong one, and their MAE all the same', () => {
    const of = (metric: string) => sample('log-normal errors, σ = 0.5', 100).find((one) => one.metric === metric);
    expect(of('rmse')?.shown).toBeLessThan(20);
    expect(of('mae')?.shown).toBeGreaterThan(70);
  });
});

describe('the figures', () => {
  test('judge seldom intervals over all runs, and others by themselves', () => {
    expect(coverageOf({ ...none, shown: 10, held: 5 })).toBeCloseTo(0.95, 12);
    expect(coverageOf({ ...none, shown: 80, held: 72 })).toBeCloseTo(0.9, 12);
    expect(notMisled({ ...none, shown: 0, held: 0 })).toBe(1);
  });

  test('have the worst of all as their head', () => {
    const coverages = [
      { ...none, shown: 100, held: 95 },
      { ...none, shown: 100, held: 93 },
    ];
    const report = { machine: 'test', seed: 1, runs: 100, seconds: 1, coverages };
    expect(intervalJson(report)).toMatchObject({
      worstIntervalCoverage: 0.93,
      worstNotMisled: expect.closeTo(0.93, 12),
    });
  });

  test('stand on the page for each kind', () => {
    const page = readFileSync(new URL('../../../docs/reference/intervals.md', import.meta.url), 'utf8');
    for (const { name } of shapes) expect(page).toContain(`| ${name} `);
  });
});
