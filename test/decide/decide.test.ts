// A small sample of npm run decide, with bounds that so few runs can hold, and the page that its full run wrote.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { jsonReport, tables } from './report.ts';
import { promisedScenarios, type Scenario, scenarios } from './scenarios.ts';
import { rules, simulateRuns } from './simulate.ts';
import { headline, type ScenarioFigures, summariseScenario } from './summary.ts';

const seed = 2;

/** A sixth of the time: the same candidates, less evidence. */
function play(name: string, runs: number): ScenarioFigures {
  const found = scenarios.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`there is no scenario ${name}`);
  const schedule = found.world.schedule.map(({ percent, seconds }) => ({ percent, seconds: seconds / 6 }));
  const scenario: Scenario = { ...found, world: { ...found.world, schedule } };
  return summariseScenario(scenario, simulateRuns(scenario, { seed, from: 0, to: runs }));
}

const sluice = (figures: ScenarioFigures) => figures.rules[0]?.rollbackRate;

describe('a sample of the decision suite', () => {
  // At a true rate of 5 %, 60 runs exceed 13 % in 1 case of 200.
  test.each(['A/A, 3 % errors', 'A/A, 1 % errors, outages of 5 s in both'])('%s: hardly ever rolled back', (name) => {
    expect(sluice(play(name, 60))).toBeLessThanOrEqual(0.13);
  });

  test('A/A, noisy latency: hardly ever rolled back', () => {
    expect(sluice(play('A/A, noisy latency', 15))).toBeLessThanOrEqual(0.2);
  });

  // At a true rate of 95 %, 100 runs fall below 88 % in 1 case of 200.
  test.each(['5 → 10 % errors', '5 → 10 % errors, counters reset each 20 s', '1 → 20 % errors'])(
    '%s: caught',
    (name) => {
      const figures = play(name, 100);
      expect(sluice(figures)).toBeGreaterThanOrEqual(0.88);
      expect(figures.rules[0]?.medianSamplesToCatch).toBeLessThan(2000);
    },
  );

  test('the same seed gives the same figures', () => {
    expect(play('1 → 20 % errors', 20)).toEqual(play('1 → 20 % errors', 20));
  });

  test('a fixed limit without patience rolls back sound candidates when requests are few', () => {
    const [own, impatient] = play('A/A, 3 % errors, 2 requests/s', 20).rules.map(({ rollbackRate }) => rollbackRate);
    expect(own).toBe(0);
    expect(impatient).toBeGreaterThanOrEqual(0.75);
  });
});

describe('the report', () => {
  const figures = [play('A/A, 3 % errors, 2 requests/s', 20), play('5 → 10 % errors', 20)];

  test('has the headline figures of every rule', () => {
    const report = jsonReport({ machine: 'test', seed, runs: 20, seconds: 1, processorSeconds: 1, scenarios: figures });
    const rates = { falseRollbackRate: expect.any(Number), badCaughtRate: expect.any(Number) };
    expect(report).toMatchObject({ ...rates, medianSamplesToCatch: expect.any(Number), name: 'Sluice' });
    expect(report).toMatchObject({ peers: rules.slice(1).map(({ name }) => ({ name, ...rates })) });
  });

  test('a headline is the worst case', () => {
    expect(headline(figures, 'Argo failureLimit 0', promisedScenarios).falseRollbackRate).toBe(
      figures[0]?.rules[1]?.rollbackRate,
    );
  });

  test('the page in the documentation has a row for each scenario and a column for each rule', () => {
    const page = readFileSync(new URL('../../docs/reference/decide.md', import.meta.url), 'utf8');
    for (const { name } of [...scenarios, ...rules]) expect(page).toContain(`| ${name} `);
    expect(
      tables({ scenarios: figures })
        .split('\n')
        .filter((line) => line.startsWith('| A/A')),
    ).toHaveLength(1);
  });
});
