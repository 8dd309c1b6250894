import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Column } from './columns.ts';
import { DataError } from './data-error.ts';
import { outputSignature } from './signature.ts';
import { decodeOutput, encodeTarget, fitBaseline, fitTarget } from './target.ts';

const allRows = (values: Column) => Int32Array.from({ length: values.length }, (_, row) => row);

const fit = (task: 'Classification' | 'Regression', values: Column, training = allRows(values)) =>
  fitTarget({ task, column: 'y', values, training });

describe('fitTarget', () => {
  test.each<[string, Column, string[]]>([
    ['digits read as numbers', new Float64Array([10, 9, 2, 9]), ['2', '9', '10']],
    ['digits read as text', ['10', '9', '2'], ['2', '9', '10']],
    ['names', ['yes', 'no', 'yes'], ['no', 'yes']],
  ])('sorts the classes of %s naturally', (_, values, classes) => {
    expect(fit('Classification', values)).toEqual({ type: 'Classes', column: 'y', classes });
  });

  test('knows a class that no training row has', () => {
    const target = fit('Classification', ['a', 'b', 'c'], new Int32Array([0, 1]));
    expect(target).toMatchObject({ classes: ['a', 'b', 'c'] });
  });

  test('takes mean and deviation from the training rows only', () => {
    const target = fit('Regression', ['1', '3', '1000'], new Int32Array([0, 1]));
    expect(target).toEqual({ type: 'Value', column: 'y', mean: 2, deviation: 1 });
  });

  test.each<[string, 'Classification' | 'Regression', Column, number[], string]>([
    [
      'one class',
      'Classification',
      ['a', 'a'],
      [0, 1],
      "column 'y' has one class, 'a', in the training rows; a classifier needs",
    ],
    [
      'one class in the training rows',
      'Classification',
      ['b', 'a', 'b'],
      [0, 2],
      "has one class, 'b', in the training rows",
    ],
    [
      'a missing class',
      'Classification',
      ['a', '', 'b'],
      [0, 2],
      "column 'y' is empty in row 2; remove rows without a target",
    ],
    ['a missing value', 'Regression', new Float64Array([1, 2, Number.NaN]), [0, 1], "column 'y' is empty in row 3"],
    ['a word as value', 'Regression', ['1', 'two'], [0, 1], "column 'y' has 'two' in row 2, not a number"],
    [
      'more than 1000 classes',
      'Classification',
      Float64Array.from({ length: 1001 }, (_, row) => row),
      [0, 1],
      'has 1001 classes, at most 1000 are allowed; if it is a quantity, use task: Regression',
    ],
  ])('refuses %s', (_, task, values, training, message) => {
    expect(() => fit(task, values, Int32Array.from(training))).toThrow(DataError);
    expect(() => fit(task, values, Int32Array.from(training))).toThrow(message);
  });
});

describe('encodeTarget', () => {
  test('gives the index of each class', () => {
    expect([...encodeTarget({ type: 'Classes', column: 'y', classes: ['2', '10'] }, ['10', '2', '10'])]).toEqual([
      1, 0, 1,
    ]);
  });

  test('refuses a class that the model does not know, with its row', () => {
    const target = { type: 'Classes', column: 'y', classes: ['a', 'b'] } as const;
    expect(() => encodeTarget({ ...target, classes: ['a', 'b'] }, ['a', 'x'])).toThrow(
      "has 'x' in row 2, a class the model does not know",
    );
  });

  test('is undone by decodeOutput up to single precision', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(values, (list) => {
        const column = Float64Array.from(list);
        const target = fit('Regression', column);
        const [output] = decodeOutput(target, encodeTarget(target, column), list.length);
        const deviation = target.type === 'Value' ? target.deviation : 0;
        for (const [row, value] of list.entries()) {
          expect(Math.abs(Number(output?.data[row]) - value)).toBeLessThanOrEqual(
            1e-5 * deviation + 1e-9 * Math.abs(value),
          );
        }
      }),
    );
  });
});

describe('fitBaseline', () => {
  test('is the most frequent class', () => {
    expect(fitBaseline(fit('Classification', ['a', 'b', 'b']), ['a', 'b', 'b'])).toBe(1);
  });

  test('is the median of a value', () => {
    const values = new Float64Array([1, 2, 30, 4]);
    expect(fitBaseline(fit('Regression', values), values)).toBe(3);
  });
});

describe('decodeOutput', () => {
  const target = fit('Classification', ['no', 'yes']);

  test('gives outputs of the names, datatypes and shapes of the signature', () => {
    const both = [
      { fitted: target, output: new Float32Array([0.25, 0.75, 0.5, 0.5]) },
      { fitted: fit('Regression', new Float64Array([1, 3])), output: new Float32Array([1, -1]) },
    ];
    for (const { fitted, output } of both) {
      const described = decodeOutput(fitted, output, 2).map(({ name, datatype, shape }) => ({ name, datatype, shape }));
      expect(described).toEqual(outputSignature(fitted).map((one) => ({ ...one, shape: [2, ...one.shape.slice(1)] })));
    }
  });

  test('labels each row with its most probable class, the first of equal ones', () => {
    const [label, probabilities] = decodeOutput(target, new Float32Array([0.25, 0.75, 0.5, 0.5]), 2);
    expect(label?.data).toEqual(['yes', 'no']);
    expect([...(probabilities?.data ?? [])]).toEqual([0.25, 0.75, 0.5, 0.5]);
  });

  test('gives values in the unit of the target', () => {
    const [value] = decodeOutput(fit('Regression', new Float64Array([10, 30])), new Float32Array([0, 2]), 2);
    expect([...(value?.data ?? [])]).toEqual([20, 40]);
  });

  test('refuses numbers that are not finite, and a wrong count', () => {
    expect(() => decodeOutput(target, new Float32Array([Number.NaN, 1]), 1)).toThrow('not finite');
    expect(() => decodeOutput(target, new Float32Array(3), 2)).toThrow('gave 3 numbers; 2 examples of 2 need 4');
  });
});
