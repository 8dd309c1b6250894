// A small sample of npm run decide -- tables, how its figures are made, and the page that its full run wrote.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { BundleMetric } from '@sluice/model/manifest.ts';
import { makeEagerEngine } from '@sluice/trainer/fitting/eager-engine.ts';
import { loadPortable } from '@sluice/trainer/fitting/portable.ts';
import { measureTable } from './command.ts';
import { compare } from './compare.ts';
import { metricsOn, readFigures } from './figures.ts';
import { comparisonTable, misses, tableHeadline } from './report.ts';
import { publicTables, unpackTable } from './tables.ts';
import { readPublicTable, testPartOf } from './train.ts';

test('on iris the trainer finds what scikit-learn finds, on the same rows', async () => {
  const iris = publicTables.find(({ name }) => name === 'iris');
  if (iris === undefined) throw new RangeError('there is no table iris');
  const measured = await measureTable(iris, { engine: makeEagerEngine(await loadPortable()), seeds: 2 });
  expect(measured.map(({ metric }) => metric)).toEqual(['accuracy', 'balanced_accuracy', 'f1_macro', 'log_loss']);
  for (const { own, other } of measured) expect(own).toBeCloseTo(other, 4);
  expect(measured.map(({ held, shown }) => shown - held)).toEqual([0, 0, 0, 0]);
});

const metric = (name: 'mae' | 'r2', value: number, bounds: object = {}): BundleMetric => ({
  ...{ name, value, method: 'log-delta-skewness', split: 'test', n: 10 },
  ...bounds,
});
const figures = { table: 'a', tenFolds: { mae: 2, r2: 0.5 }, seeds: [] };

const unsaid = [metric('mae', 9), metric('r2', 0)];

/** Two splits: scikit-learn's MAE is 1 and 3, so that the standard error of its mean is 1; its R² is 0.4 and 0.6. */
const trials = (mae: number, r2: number) => [
  { own: [metric('mae', mae, { lower: 1.5, upper: 2.5 }), metric('r2', r2)], unsaid, other: { mae: 1, r2: 0.4 } },
  { own: [metric('mae', mae, { lower: 2.1, upper: 3 }), metric('r2', r2)], unsaid, other: { mae: 3, r2: 0.6 } },
];

describe('a comparison', () => {
  test.each([
    ['more error is worse', 2.5, 0.5, 0.5, 0],
    ['less error is better', 1, 0.5, -1, 0],
    ['less of what is explained is worse', 2, 0.3, 0, 2],
    ['more of it is better', 2, 0.7, 0, -2],
  ])('%s', (_, mae, r2, maeWorse, r2Worse) => {
    const [ofMae, ofR2] = compare(figures, trials(mae, r2));
    expect(ofMae?.worseBy).toBeCloseTo(maeWorse, 9);
    expect(ofR2?.worseBy).toBeCloseTo(r2Worse, 9);
  });

  test('counts the intervals that there are, and those that hold the 10-fold figure', () => {
    const [ofMae, ofR2] = compare(figures, trials(2, 0.5));
    expect(ofMae).toMatchObject({ runs: 2, shown: 2, held: 1, unsaid: 9 });
    expect(ofR2).toMatchObject({ runs: 2, shown: 0, held: 0 });
  });

  test('has the worst of all as its head, in either direction, and says what is missed', () => {
    const compared = compare(figures, trials(2, 0.7));
    expect(tableHeadline(compared)).toEqual({ worstTableGap: expect.closeTo(2, 9), worstTableCoverage: 0.5 });
    expect(misses(compared)).toEqual([
      'a, mae: 1 of 2 intervals hold the 10-fold figure.',
      'a, r2: better than scikit-learn by 2 standard errors.',
    ]);
    expect(comparisonTable(compared)).toContain('none is given');
  });
});

describe("scikit-learn's figures", () => {
  test.each(publicTables)('are of the rows of $name that are tested on now', async (table) => {
    const figuresOf = readFigures().find((each) => each.table === table.name);
    if (figuresOf === undefined) throw new RangeError(`there are no figures of ${table.name}`);
    const directory = await mkdtemp(join(tmpdir(), 'tables-test-'));
    await unpackTable(table, directory);
    const part = testPartOf(table, await readPublicTable(table, directory), 19);
    await rm(directory, { recursive: true });
    expect(Object.keys(metricsOn(figuresOf, part))).toEqual(Object.keys(figuresOf.tenFolds));
  });

  test('are refused for other test rows than it was asked about', () => {
    const [iris] = readFigures();
    if (iris === undefined) throw new RangeError('there are no figures');
    expect(() => metricsOn(iris, { seed: 0, digest: 'another' })).toThrow('figures.py again');
  });

  test('are there for twenty seeds of ten tables, each of which stands on the page', () => {
    const page = readFileSync(new URL('../../../docs/reference/tables.md', import.meta.url), 'utf8');
    expect(readFigures().map(({ table, seeds }) => [table, seeds.length])).toEqual(
      publicTables.map(({ name }) => [name, 20]),
    );
    for (const { name, origin } of publicTables) expect(page).toMatch(new RegExp(`\\| ${name} .*\\| ${origin} `));
  });
});
