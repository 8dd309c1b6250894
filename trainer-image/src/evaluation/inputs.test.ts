// Requests as the real server reads them.
import { describe, expect, test } from '@jest/globals';
import type { FeatureSpec } from '@sluice/crds/dataset.ts';
import type { EvaluationOrder } from '@sluice/crds/evaluation-contract.ts';
import { makeTable } from '@sluice/model/columns.ts';
import { DataError } from '@sluice/model/data-error.ts';
import type { TensorSignature } from '@sluice/model/manifest.ts';
import { parseInferRequest } from '@sluice/server/protocol/infer-request.ts';
import { featuresFor, makeRequestWriter, rowsPerRequest } from './inputs.ts';

const age: TensorSignature = { name: 'age', datatype: 'FP64', shape: [-1] };
const city: TensorSignature = { name: 'city', datatype: 'BYTES', shape: [-1] };
const pixels: TensorSignature = { name: 'pixels', datatype: 'FP32', shape: [-1, 2, 2, 1] };
const outputs: TensorSignature[] = [{ name: 'label', datatype: 'BYTES', shape: [-1] }];

const table = makeTable(
  new Map<string, Float64Array | (string | null)[]>([
    ['age', Float64Array.of(30, Number.NaN, 50)],
    ['town', ['Graz', null, '007']],
    ['p10', Float64Array.of(10, 110, 210)],
    ['p1', Float64Array.of(1, 101, 201)],
    ['p2', Float64Array.of(2, 102, 202)],
    ['p0', Float64Array.of(0, 100, 200)],
    ['kind', ['a', 'b', 'c']],
  ]),
);
const dataset = (features?: EvaluationOrder['dataset']['features']): EvaluationOrder['dataset'] => ({
  source: { configMap: { name: 'rows', key: 'rows.csv' } },
  format: 'CSV',
  target: 'kind',
  features,
});

/** What the server takes the request for these rows for. */
function received(inputs: TensorSignature[], features: EvaluationOrder['dataset']['features'], rows: number[]) {
  const write = makeRequestWriter({ inputs, output: 'label' }, table, dataset(features));
  const request = parseInferRequest(JSON.parse(write(rows)), { signature: { inputs, outputs }, maxElements: 100 });
  return { ...request, inputs: Object.fromEntries([...request.inputs].map(([name, values]) => [name, [...values]])) };
}

describe('a request', () => {
  test('feeds each input from the column of its name or of its feature, with what is missing as missing', () => {
    const features = [{ name: 'city', type: 'Category', column: 'town' } as const];
    expect(received([age, city], features, [0, 1, 2])).toMatchObject({
      rows: 3,
      outputs: [{ name: 'label' }],
      inputs: { age: [30, Number.NaN, 50], city: ['Graz', null, '007'] },
    });
  });

  test('has just the rows that are asked for', () => {
    expect(received([age, city], [{ name: 'city', type: 'Category', column: 'town' }], [0, 2])).toMatchObject({
      rows: 2,
      inputs: { age: [30, 50], city: ['Graz', '007'] },
    });
  });

  test('gathers the columns of a Tensor in natural order, row by row, in the shape that the model takes', () => {
    const features = [{ name: 'pixels', type: 'Tensor', columns: 'p*', shape: [4] } satisfies FeatureSpec];
    expect(received([pixels], features, [0, 1]).inputs).toEqual({ pixels: [0, 1, 2, 10, 100, 101, 102, 110] });
  });

  test('leaves features out that the model does not take', () => {
    const features = [{ name: 'gone', type: 'Number' } as const];
    expect(received([age], features, [0]).inputs).toEqual({ age: [30] });
  });

  test.each<[string, TensorSignature, EvaluationOrder['dataset']['features'], string]>([
    ['a column that is not there', city, undefined, "names column 'city', which the data lacks"],
    ['a Tensor without columns', pixels, undefined, "the model's input 'pixels' has shape [2,2,1]; add a Tensor"],
    [
      'more columns than the tensor has places',
      pixels,
      [{ name: 'pixels', type: 'Tensor', columns: 'p*,age', shape: [5] }],
      'match 5 columns, but shape [2, 2, 1] needs 4',
    ],
  ])('cannot be made of %s', (_, input, features, message) => {
    const make = () => makeRequestWriter({ inputs: [input], output: 'label' }, table, dataset(features));
    expect(make).toThrow(DataError);
    expect(make).toThrow(message);
  });
});

test('the columns of text inputs are text, whatever their values look like', () => {
  const features = [{ name: 'city', type: 'Category', column: 'town' } as const];
  expect(featuresFor([age, city], dataset(features))).toEqual([
    { name: 'age', type: 'Number' },
    { name: 'city', type: 'Category', column: 'town' },
  ]);
});

test.each<[string, TensorSignature[], number]>([
  ['few inputs', [age, city], 32],
  ['an image', [{ ...pixels, shape: [-1, 224, 224, 3] }], 1],
  ['many inputs', Array.from({ length: 20_000 }, () => age), 10],
])('a request for %s has no more rows than a server takes', (_, inputs, rows) => {
  expect(rowsPerRequest(inputs, 32)).toBe(rows);
});
