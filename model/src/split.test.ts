import { describe, expect, test } from '@jest/globals';
import { createRandom, uniform } from '@sluice/statistics/random.ts';
import { wilsonInterval } from '@sluice/statistics/wilson.ts';
import fc from 'fast-check';
import { type Column, makeTable, type Table, takeColumn } from './columns.ts';
import { type Split, type SplitPlan, splitRows } from './split.ts';

const plan: SplitPlan = { method: 'Random', validationPercent: 10, testPercent: 20, seed: 7 };

const numbered = (rows: number): Table =>
  makeTable(
    new Map<string, Column>([
      ['x', Float64Array.from({ length: rows }, (_, row) => row)],
      ['name', Array.from({ length: rows }, (_, row) => `row ${row}`)],
    ]),
  );

/** The part of each row. */
function partsOf(split: Split): string[] {
  const parts: string[] = [];
  for (const part of ['training', 'validation', 'test'] as const) for (const row of split[part]) parts[row] = part;
  return parts;
}

/** How often each of the values 0 to 3 stands in these rows. */
function histogram(rows: Int32Array, values: ArrayLike<number>): number[] {
  const counts = [0, 0, 0, 0];
  for (const row of rows) counts[values[row] ?? 0] = (counts[values[row] ?? 0] ?? 0) + 1;
  return counts.slice(0, Math.max(...Array.from(values)) + 1);
}

function permuted(table: Table, order: Int32Array): Table {
  return makeTable(new Map([...table.columns].map(([name, column]) => [name, takeColumn(column, order)])));
}

describe('splitRows', () => {
  test('puts every row into exactly one part, in proportion', () => {
    const rows = 20_000;
    const { training, validation, test: tested } = splitRows(numbered(rows), plan);
    expect(training.length + validation.length + tested.length).toBe(rows);
    // Four standard deviations of a binomial proportion.
    for (const [part, share] of [
      [training, 0.7],
      [validation, 0.1],
      [tested, 0.2],
    ] as const) {
      expect(Math.abs(part.length / rows - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / rows));
    }
  });

  test('moves no old row when rows are appended', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer(),
        (old, more, seed) => {
          const before = partsOf(splitRows(numbered(old), { ...plan, seed }));
          const after = partsOf(splitRows(numbered(old + more), { ...plan, seed }));
          expect(after.slice(0, old)).toEqual(before);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('follows the rows when their order changes', () => {
    const table = numbered(300);
    const order = Int32Array.from({ length: 300 }, (_, row) => (row * 7) % 300);
    const before = partsOf(splitRows(table, plan));
    expect(partsOf(splitRows(permuted(table, order), plan))).toEqual(Array.from(order, (row) => before[row]));
  });

  test('parts the copies of a row by their number alone, wherever they stand', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { minLength: 200, maxLength: 400 }), fc.integer(), (values, seed) => {
        const counted = (order: readonly number[]) => {
          const split = splitRows(makeTable(new Map([['x', Float64Array.from(order)]])), { ...plan, seed });
          return (['training', 'validation', 'test'] as const).map((part) => histogram(split[part], order));
        };
        expect(counted(values.toSorted())).toEqual(counted(values));
      }),
      { numRuns: 30 },
    );
  });

  test('moves no copy when more copies are appended', () => {
    const copies = (rows: number) =>
      makeTable(new Map([['x', Float64Array.from({ length: rows }, (_, row) => row % 3)]]));
    const before = partsOf(splitRows(copies(300), plan));
    expect(partsOf(splitRows(copies(900), plan)).slice(0, 300)).toEqual(before);
  });

  test('gives each part its share of the copies of every row', () => {
    const rows = 30_000;
    const x = Float64Array.from({ length: rows }, (_, row) => row % 3);
    const { test: tested } = splitRows(makeTable(new Map([['x', x]])), plan);
    for (const count of histogram(tested, x)) {
      expect(Math.abs(count / (rows / 3) - 0.2)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8 * 3) / rows));
    }
  });

  test('counts the test rows that also stand in the training part, by any method', () => {
    const order = Int32Array.from({ length: 600 }, (_, row) => row % 200);
    const table = permuted(numbered(200), order);
    for (const each of [plan, { ...plan, method: 'Group', column: 'half' } as const]) {
      const half = Array.from(order, (_, row) => `half ${row % 40}`);
      const whole =
        each.method === 'Group' ? makeTable(new Map<string, Column>([...table.columns, ['half', half]])) : table;
      const split = splitRows(whole, each);
      const spelled = (row: number) => JSON.stringify([...whole.columns.values()].map((column) => column[row]));
      const trained = new Set(Array.from(split.training, spelled));
      const shared = Array.from(split.test, spelled).filter((row) => trained.has(row)).length;
      expect(split.testRowsInTraining).toBe(shared);
      expect(shared > 0).toBe(each.method === 'Random');
    }
    expect(splitRows(numbered(500), plan).testRowsInTraining).toBe(0);
  });

  test('does not care whether a reader typed a column as numbers or as text, nor about the order of columns', () => {
    const x = Float64Array.from({ length: 300 }, (_, row) => (row % 7 === 0 ? Number.NaN : row / 4));
    const y = Array.from({ length: 300 }, (_, row) => `v${row}`);
    const text = Array.from(x, (value) => (Number.isNaN(value) ? '' : value.toFixed(3)));
    const typed = splitRows(
      makeTable(
        new Map<string, Column>([
          ['x', x],
          ['y', y],
        ]),
      ),
      plan,
    );
    const untyped = splitRows(
      makeTable(
        new Map<string, Column>([
          ['y', y],
          ['x', text],
        ]),
      ),
      plan,
    );
    expect(partsOf(untyped)).toEqual(partsOf(typed));
  });

  test('takes negative zero for zero', () => {
    const withZero = (zero: number) =>
      makeTable(new Map<string, Column>([...numbered(300).columns, ['z', new Float64Array(300).fill(zero)]]));
    expect(splitRows(withZero(-0), plan)).toEqual(splitRows(withZero(0), plan));
  });

  test('depends on the seed', () => {
    const table = numbered(300);
    expect(partsOf(splitRows(table, { ...plan, seed: 8 }))).not.toEqual(partsOf(splitRows(table, plan)));
  });

  test('leaves the test part alone when only validationPercent changes', () => {
    const table = numbered(500);
    expect(splitRows(table, { ...plan, validationPercent: 30 }).test).toEqual(splitRows(table, plan).test);
  });

  test('keeps the rows of a group together', () => {
    const group = Array.from({ length: 1000 }, (_, row) => `patient ${row % 50}`);
    const table = makeTable(new Map<string, Column>([...numbered(1000).columns, ['patient', group]]));
    const parts = partsOf(splitRows(table, { ...plan, method: 'Group', column: 'patient' }));
    for (let row = 50; row < 1000; row++) expect(parts[row]).toBe(parts[row % 50]);
  });

  test('says which part stayed empty', () => {
    const few = makeTable(new Map([['x', new Float64Array(2)]]));
    expect(() => splitRows(few, plan)).toThrow(/spec\.data\.split: no row fell into the \w+ part .* add rows/);
  });

  test('leaves a part empty that was not asked for', () => {
    const split = splitRows(numbered(50), { ...plan, validationPercent: 0, testPercent: 0 });
    expect([split.training.length, split.validation.length, split.test.length]).toEqual([50, 0, 0]);
  });

  // The rows were computed with another implementation of the hash, in Python.
  test('is the same on every machine and in every version', () => {
    expect([...splitRows(numbered(30), plan).test]).toEqual([0, 18, 22, 24, 27]);
  });
});

describe('a test part of a table in which rows repeat', () => {
  /** A fair draw: the answer to `x` is yes in so many of a hundred cases. */
  const drawn = (rows: number, yesOf: readonly number[], random: () => number) => {
    const x = Float64Array.from({ length: rows }, () => Math.floor(random() * yesOf.length));
    const y = Array.from(x, (value) => (random() * 100 < (yesOf[value] ?? 0) ? 'yes' : 'no'));
    return {
      x,
      y,
      table: makeTable(
        new Map<string, Column>([
          ['x', x],
          ['y', y],
        ]),
      ),
    };
  };

  test.each([
    ['36 distinct rows', Array.from({ length: 18 }, (_, value) => (value % 2 === 0 ? 33 : 67))],
    ['the counts of the Titanic', [97, 86, 92, 46, 37, 16, 15, 50]],
  ])('shows how good the best answer is: %s', (_, yesOf) => {
    const random = createRandom(11);
    const uniformly = () => uniform(random);
    const best = yesOf.reduce((sum, yes) => sum + Math.max(yes, 100 - yes), 0) / yesOf.length / 100;
    const runs = 60;
    let covered = 0;
    for (let seed = 0; seed < runs; seed++) {
      const { x, y, table } = drawn(2000, yesOf, uniformly);
      const { training, test: tested } = splitRows(table, { ...plan, seed });
      const votes = yesOf.map(() => 0);
      for (const row of training) votes[x[row] ?? 0] = (votes[x[row] ?? 0] ?? 0) + (y[row] === 'yes' ? 1 : -1);
      const hits = tested.filter((row) => ((votes[x[row] ?? 0] ?? 0) > 0 ? 'yes' : 'no') === y[row]).length;
      const { lower, upper } = wilsonInterval(hits, tested.length, 0.95);
      if (lower <= best && best <= upper) covered++;
    }
    // A 95 % interval, three standard deviations of 60 runs below it.
    expect(covered / runs).toBeGreaterThan(0.95 - 3 * Math.sqrt((0.95 * 0.05) / runs));
  });
});
