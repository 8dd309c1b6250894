import { describe, expect, test } from '@jest/globals';
import { type Column, makeTable } from './columns.ts';
import { DataError } from './data-error.ts';
import { type FeatureSpec, resolveFeatures } from './features.ts';

const table = makeTable(
  new Map<string, Column>([
    ['age', new Float64Array([1, Number.NaN, 3])],
    ['height', new Float64Array([1.5, Number.NaN, 2])],
    ['zip', ['1', '', '007']],
    ['city', ['Ulm', null, '7']],
    ['p10', new Float64Array(3)],
    ['p2', new Float64Array(3)],
    ['p1', new Float64Array(3)],
    ['price', new Float64Array(3)],
  ]),
);
const resolve = (...specs: FeatureSpec[]) => resolveFeatures({ specs, table, target: 'price' });

describe('resolveFeatures', () => {
  test('makes one feature of each column but the target, of the type that the reader found', () => {
    expect(resolve().map(({ name, type }) => `${name} ${type}`)).toEqual([
      'age Number',
      'height Number',
      'zip Category',
      'city Category',
      'p10 Number',
      'p2 Number',
      'p1 Number',
    ]);
  });

  test('takes the column from the name unless it is given', () => {
    expect(resolve({ name: 'age', type: 'Number' }, { name: 'town', type: 'Category', column: 'city' })).toEqual([
      { name: 'age', type: 'Number', column: 'age' },
      { name: 'town', type: 'Category', column: 'city' },
    ]);
  });

  test.each([
    ['p*', ['p1', 'p2', 'p10']],
    ['p2,p1', ['p2', 'p1']],
    ['age, p1*', ['age', 'p1', 'p10']],
    ['*', ['age', 'city', 'height', 'p1', 'p2', 'p10', 'zip']],
  ])('matches the columns of a tensor: %s, patterns in natural order and without the target', (columns, wanted) => {
    const [feature] = resolve({ name: 'pixels', type: 'Tensor', columns });
    expect(feature).toEqual({ name: 'pixels', type: 'Tensor', columns: wanted, shape: [wanted.length] });
  });

  test('keeps the shape that is given', () => {
    const [feature] = resolve({ name: 'pixels', type: 'Tensor', columns: 'p*', shape: [3, 1] });
    expect(feature).toMatchObject({ shape: [3, 1] });
  });

  test('takes a pattern literally except for the star', () => {
    expect(() => resolve({ name: 'x', type: 'Tensor', columns: 'p.*' })).toThrow("no column matches 'p.*'");
  });

  const refusals: [string, FeatureSpec, string][] = [
    [
      'a missing column',
      { name: 'size', type: 'Number' },
      "spec.data.features[size] names column 'size', which the data lacks",
    ],
    ['the target as a feature', { name: 'price', type: 'Number' }, "column 'price' is the target"],
    ['the target in a tensor', { name: 'x', type: 'Tensor', columns: 'p1,price' }, "column 'price' is the target"],
    ['a tensor without columns', { name: 'x', type: 'Tensor' }, 'spec.data.features[x]: a Tensor needs columns'],
    [
      'a wrong shape',
      { name: 'x', type: 'Tensor', columns: 'p*', shape: [2, 2] },
      'match 3 columns, but shape [2, 2] needs 4',
    ],
  ];

  test.each(refusals)('refuses %s', (_, spec, message) => {
    expect(() => resolve(spec)).toThrow(DataError);
    expect(() => resolve(spec)).toThrow(message);
  });

  test('refuses a target that the data lacks, and says what there is', () => {
    expect(() => resolveFeatures({ table, target: 'label' })).toThrow(
      "spec.data.target names column 'label', which the data lacks; it has 8: 'age', 'height', 'zip', 'city', 'p10'",
    );
  });

  test('refuses data that is nothing but the target', () => {
    const lonely = makeTable(new Map([['y', new Float64Array(2)]]));
    expect(() => resolveFeatures({ table: lonely, target: 'y' })).toThrow('at least one feature');
  });

  test('keeps every message within 200 characters, however long the names are', () => {
    const long = 'x'.repeat(500);
    const message = catchMessage(() => resolve({ name: long, type: 'Tensor', columns: `${long}*` }));
    expect(message.length).toBeLessThanOrEqual(200);
    expect(message).toContain('no column matches');
  });
});

describe('makeTable', () => {
  test('refuses data without rows, and says what to check', () => {
    expect(() => makeTable(new Map([['x', []]]))).toThrow('no rows; check spec.data.source');
  });

  test('refuses columns of unequal length', () => {
    expect(() =>
      makeTable(
        new Map([
          ['x', ['a']],
          ['y', ['a', 'b']],
        ]),
      ),
    ).toThrow("column 'y' has 2 rows");
  });
});

function catchMessage(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}
