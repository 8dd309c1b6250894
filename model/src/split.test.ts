import { describe, expect, test } from '@jest/globals';
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

  test('keeps equal rows in one part', () => {
    const order = Int32Array.from({ length: 600 }, (_, row) => row % 200);
    const parts = partsOf(splitRows(permuted(numbered(200), order), plan));
    expect(parts.slice(200, 400)).toEqual(parts.slice(0, 200));
    expect(parts.slice(400)).toEqual(parts.slice(0, 200));
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
    const same = makeTable(new Map([['x', new Float64Array(10)]]));
    expect(() => splitRows(same, plan)).toThrow(/spec\.data\.split: no row fell into the \w+ part .* add rows/);
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
