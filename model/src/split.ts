// Decides which rows train, validate and test a model: by a hash of what a row holds and of how many equal ones were before
// it, never by its place among others.
import { type Column, getColumn, isText, type Table, type TextColumn } from './columns.ts';
import { DataError } from './data-error.ts';
import { compareCodeUnits, parseNumber } from './natural-order.ts';

/**
 * Which rule parts the rows; another one gives the same table other parts. 1 (before it was written down) gave all copies of a
 * row to one part, so that a table of few distinct rows had a test part unlike its training part.
 */
export const splitVersion = 2;

/** Random hashes the whole row; Group hashes one column, so that rows that share its value stay together. */
export type SplitPlan = {
  readonly method: 'Random' | 'Group';
  /** The column of Group. */
  readonly column?: string | undefined;
  readonly validationPercent: number;
  readonly testPercent: number;
  readonly seed: number;
};

/** Row indices of each part, ascending. */
export type Split = {
  readonly training: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  /** Rows of the test part that are equal, in all columns, to a row of the training part. */
  readonly testRowsInTraining: number;
};

/**
 * Assigns every row to a part. Each copy of a row that repeats has a part of its own, so that every part has its share of
 * them; how many copies of a row are in which part depends on nothing but the row and their number. Rows that are added, or a
 * changed order, move no other row; and a changed validationPercent moves no row into or out of the test part.
 * Throws DataError when a part that was asked for stays empty.
 */
export function splitRows(table: Table, plan: SplitPlan): Split {
  const keys = rowKeys(table);
  const hashes = plan.method === 'Group' ? hashGroups(table, plan) : hashCopies(table, plan, keys);
  const testEnd = (plan.testPercent / 100) * 2 ** 32;
  const validationEnd = ((plan.testPercent + plan.validationPercent) / 100) * 2 ** 32;
  const rows = Int32Array.from(hashes.keys());
  const parts = {
    training: rows.filter((row) => (hashes[row] ?? 0) >= validationEnd),
    validation: rows.filter((row) => (hashes[row] ?? 0) >= testEnd && (hashes[row] ?? 0) < validationEnd),
    test: rows.filter((row) => (hashes[row] ?? 0) < testEnd),
  };
  refuseEmpty(parts, plan, table.rows);
  return { ...parts, testRowsInTraining: countShared(keys, parts) };
}

/** The same columns in the same order, however the file has them. */
const sortedColumns = ({ columns }: Table): Column[] =>
  [...columns].sort(([a], [b]) => compareCodeUnits(a, b)).map(([, column]) => column);

/**
 * A number of 53 bits for each row, equal for equal rows. Of a hundred million different rows, two have one number with a
 * probability of about a half: then one of them is taken for a copy of the other, and only its part changes.
 */
function rowKeys(table: Table): Float64Array {
  const columns = sortedColumns(table);
  const high = hashRows(columns, table.rows, keySeeds[0]);
  const low = hashRows(columns, table.rows, keySeeds[1]);
  return Float64Array.from(high, (word, row) => (word >>> 11) * 2 ** 32 + (low[row] ?? 0));
}

/** Any two; they are no seeds of a split that people choose first. */
const keySeeds = [2_000_000_011, 2_000_000_033] as const;

const hashGroups = (table: Table, { column = '', seed }: SplitPlan): Uint32Array =>
  hashRows([getColumn(table, column, 'spec.data.split.column')], table.rows, seed);

/** The first of equal rows has the hash of the row, each further one another hash. */
function hashCopies(table: Table, { seed }: SplitPlan, keys: Float64Array): Uint32Array {
  const hashes = hashRows(sortedColumns(table), table.rows, seed);
  const before = repeated(keys);
  for (let row = 0; row < hashes.length && before.size > 0; row++) {
    const copy = before.get(keys[row] ?? 0);
    if (copy === undefined) continue;
    before.set(keys[row] ?? 0, copy + 1);
    if (copy > 0) hashes[row] = finish(mix(hashes[row] ?? 0, copy));
  }
  return hashes;
}

/** Keys that stand more than once, each with 0: how many of them were met so far. */
function repeated(keys: Float64Array): Map<number, number> {
  const sorted = Float64Array.from(keys).sort();
  const found = new Map<number, number>();
  for (let index = 1; index < sorted.length; index++) {
    if (sorted[index] === sorted[index - 1]) found.set(sorted[index] ?? 0, 0);
  }
  return found;
}

function countShared(keys: Float64Array, { training, test }: Pick<Split, 'training' | 'test'>): number {
  const tested = new Set<number>();
  for (const row of test) tested.add(keys[row] ?? 0);
  const shared = new Set<number>();
  for (const row of training) if (tested.has(keys[row] ?? 0)) shared.add(keys[row] ?? 0);
  return test.reduce((count, row) => count + (shared.has(keys[row] ?? 0) ? 1 : 0), 0);
}

function refuseEmpty(split: Omit<Split, 'testRowsInTraining'>, plan: SplitPlan, rows: number): void {
  const wanted = {
    training: 100 - plan.testPercent - plan.validationPercent,
    validation: plan.validationPercent,
    test: plan.testPercent,
  };
  for (const part of ['training', 'validation', 'test'] as const) {
    if (wanted[part] === 0 || split[part].length > 0) continue;
    throw new DataError(
      `spec.data.split: no row fell into the ${part} part (${wanted[part]} % of ${rows} rows); add rows or change the percentages`,
    );
  }
}

/** Tags keep a missing value, a number and a text apart. */
const tags = { missing: 1, number: 2, text: 3 };

/**
 * A 32-bit hash of each row: the mixing steps of MurmurHash3 (x86, 32 bit; https://github.com/aappleby/smhasher) over
 * the words of its values. Text that spells a number counts as that number, so that it does not matter how a reader typed the column.
 */
function hashRows(columns: readonly Column[], rows: number, seed: number): Uint32Array {
  const hashes = new Uint32Array(rows).fill(mix(mix(0, seed >>> 0), Math.floor(seed / 2 ** 32) >>> 0));
  for (const column of columns) {
    if (isText(column)) mixTexts(hashes, column);
    else mixNumbers(hashes, column);
  }
  return hashes.map(finish);
}

function mixNumbers(hashes: Uint32Array, column: Float64Array): void {
  for (let row = 0; row < hashes.length; row++) {
    hashes[row] = mixNumber(hashes[row] ?? 0, column[row] ?? Number.NaN);
  }
}

function mixTexts(hashes: Uint32Array, column: TextColumn): void {
  for (let row = 0; row < hashes.length; row++) {
    const text = column[row] ?? '';
    const value = text === '' ? Number.NaN : parseNumber(text);
    hashes[row] = value === undefined ? mixText(hashes[row] ?? 0, text) : mixNumber(hashes[row] ?? 0, value);
  }
}

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

function mixNumber(hash: number, value: number): number {
  if (Number.isNaN(value)) return mix(hash, tags.missing);
  // Adding 0 turns -0 into 0, which is the same number.
  float[0] = value + 0;
  return mix(mix(mix(hash, tags.number), words[0] ?? 0), words[1] ?? 0);
}

function mixText(hash: number, text: string): number {
  let mixed = mix(mix(hash, tags.text), text.length);
  for (let index = 0; index < text.length; index++) mixed = mix(mixed, text.charCodeAt(index));
  return mixed;
}

function mix(hash: number, word: number): number {
  const scrambled = Math.imul(rotateLeft(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotateLeft(hash ^ scrambled, 13), 5) + 0xe6546b64) >>> 0;
}

const rotateLeft = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
