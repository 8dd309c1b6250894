import { describe, expect, test } from '@jest/globals';
import type { TensorSignature } from '@sluice/model/manifest.ts';
import fc from 'fast-check';
import { type InferRequest, parseInferRequest, type RequestRules } from './infer-request.ts';
import { RequestError } from './request-error.ts';

const rules: RequestRules = {
  maxElements: 40,
  signature: {
    inputs: [
      { name: 'age', datatype: 'FP64', shape: [-1] },
      { name: 'patch', datatype: 'FP32', shape: [-1, 2, 3] },
      { name: 'city', datatype: 'BYTES', shape: [-1] },
    ],
    outputs: [
      { name: 'label', datatype: 'BYTES', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
    ],
  },
};

const age = { name: 'age', datatype: 'FP64', shape: [2], data: [31, 47.5] };
const patch = { name: 'patch', datatype: 'FP32', shape: [2, 2, 3], data: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] };
const city = { name: 'city', datatype: 'BYTES', shape: [2], data: ['Graz', 'Basel'] };
const good = { inputs: [age, patch, city] };

function refusal(body: unknown): RequestError {
  try {
    parseInferRequest(body, rules);
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

const withAge = (change: object) => ({ inputs: [{ ...age, ...change }, patch, city] });
const withPatch = (change: object) => ({ inputs: [age, { ...patch, ...change }, city] });
const valuesOf = (request: InferRequest, name: string) =>
  Array.from<number | string | null>(request.inputs.get(name) ?? []);

describe('a valid request', () => {
  test('gives rows, values by input, the id and all outputs', () => {
    const request = parseInferRequest({ ...good, id: 'r-1', parameters: { any: 1 } }, rules);
    expect(request).toMatchObject({ id: 'r-1', rows: 2, outputs: [{ name: 'label' }, { name: 'probabilities' }] });
    expect(request.inputs.get('age')).toBeInstanceOf(Float64Array);
    expect(request.inputs.get('patch')).toBeInstanceOf(Float32Array);
    expect(valuesOf(request, 'patch')).toEqual(patch.data);
    expect(valuesOf(request, 'city')).toEqual(city.data);
  });

  test('may give its inputs in any order and its data nested', () => {
    const nested: unknown = JSON.parse('[[[1,2,3],[4,5,6]],[[7,8,9],[10,11,12]]]');
    const request = parseInferRequest({ inputs: [city, { ...patch, data: nested }, age] }, rules);
    expect(valuesOf(request, 'patch')).toEqual(patch.data);
  });

  test.each([
    [undefined, ['label', 'probabilities']],
    [null, ['label', 'probabilities']],
    [[], ['label', 'probabilities']],
    [[{ name: 'label' }], ['label']],
    [
      [
        { name: 'probabilities', parameters: null },
        { name: 'label', parameters: {} },
      ],
      ['probabilities', 'label'],
    ],
  ])('that asks for outputs %j gets %j', (outputs, wanted) => {
    expect(parseInferRequest({ ...good, outputs }, rules).outputs.map(({ name }) => name)).toEqual(wanted);
  });

  test('may leave out values with null: NaN for numbers, null for texts', () => {
    const body = { inputs: [{ ...age, data: [null, 3] }, patch, { ...city, data: [null, ''] }] };
    const request = parseInferRequest(body, rules);
    expect(valuesOf(request, 'age')).toEqual([Number.NaN, 3]);
    expect(valuesOf(request, 'city')).toEqual([null, '']);
  });
});

describe('what may be left out may be null', () => {
  test('in the request, its inputs and its outputs, as clients that write every member send it', () => {
    const inputs = good.inputs.map((input) => ({ ...input, parameters: null }));
    const request = parseInferRequest({ id: null, parameters: null, inputs, outputs: null }, rules);
    expect(request).toMatchObject({ id: undefined, rows: 2, outputs: [{ name: 'label' }, { name: 'probabilities' }] });
  });
});

describe('dimensions of 1 at the end of a shape', () => {
  test.each([
    ['a column of a data frame', [2, 1], [31, 47.5]],
    ['the same, nested', [2, 1], [[31], [47.5]]],
    ['more of them', [2, 1, 1], [[[31]], [[47.5]]]],
  ])('may be given to an input of one value per row: %s', (_what, shape, data) => {
    const column = { ...city, shape, data: ['Graz', 'Basel'] };
    const request = parseInferRequest({ inputs: [{ ...age, shape, data }, patch, column] }, rules);
    expect(valuesOf(request, 'age')).toEqual([31, 47.5]);
    expect(request.rows).toBe(2);
  });

  test.each([
    [[-1, 1], [3]],
    [[-1, 1], [1]],
    [
      [-1, 3, 1],
      [2, 3],
    ],
    [
      [-1, 1, 3],
      [1, 1, 3],
    ],
    [
      [-1, 1, 1],
      [4, 1],
    ],
  ])('of a signature %j may be left out: %j', (wanted, shape) => {
    const inputs: TensorSignature[] = [{ name: 'x', datatype: 'FP32', shape: wanted }];
    const signature = { ...rules.signature, inputs };
    const data = new Array(shape.reduce((product, length) => product * length)).fill(1);
    const request = parseInferRequest(
      { inputs: [{ name: 'x', datatype: 'FP32', shape, data }] },
      { ...rules, signature },
    );
    expect(request.rows).toBe(shape[0]);
  });

  test.each([[[1, 2]], [[2, 2]], [[2, 1, 2]], [new Array(17).fill(1)], [[]], ['2'], [null]])(
    'a shape %j is still not one value per row',
    (shape) => {
      expect(refusal(withAge({ shape })).message).toMatch(
        /^input "age" has .*, which the model does not take; send \[-1\]/,
      );
    },
  );
});

describe('datatypes', () => {
  test.each([
    ['BOOL', [true, false], [1, 0]],
    ['UINT8', [0, 255], [0, 255]],
    ['UINT16', [0, 65_535], [0, 65_535]],
    ['UINT32', [0, 4_294_967_295], [0, 4_294_967_295]],
    ['UINT64', [0, 2 ** 53 - 1], [0, 2 ** 53 - 1]],
    ['INT8', [-128, 127], [-128, 127]],
    ['INT16', [-32_768, 32_767], [-32_768, 32_767]],
    ['INT32', [-2_147_483_648, 2_147_483_647], [-2_147_483_648, 2_147_483_647]],
    ['INT64', [-(2 ** 53 - 1), 1], [-(2 ** 53 - 1), 1]],
    ['FP16', [-65_504, 0.5], [-65_504, 0.5]],
    ['FP32', [0.1, 1e38], [Math.fround(0.1), Math.fround(1e38)]],
    ['FP64', [0.1, 1e308], [0.1, 1e308]],
  ])('%s converts without loss into FP64', (datatype, data, wanted) => {
    expect(valuesOf(parseInferRequest(withAge({ datatype, data }), rules), 'age')).toEqual(wanted);
  });

  test.each([
    ['BOOL', 1],
    ['UINT8', 256],
    ['UINT8', -1],
    ['UINT8', 1.5],
    ['UINT16', 65_536],
    ['UINT32', 2 ** 32],
    ['UINT64', 2 ** 53],
    ['INT8', 128],
    ['INT16', 32_768],
    ['INT32', 2 ** 31],
    ['INT64', 2 ** 53],
    ['FP16', 65_505],
    ['FP32', 1e39],
    ['FP64', Number.POSITIVE_INFINITY],
    ['FP64', Number.NaN],
    ['FP64', '1'],
    ['FP64', true],
    ['FP64', {}],
    ['FP64', [1]],
  ])('%s refuses %p and says which element', (datatype, element) => {
    const error = refusal(
      withAge({ datatype, data: [1, element].map((value) => (datatype === 'BOOL' && value === 1 ? element : value)) }),
    );
    expect(error.status).toBe(400);
    expect(error.message).toMatch(/^input "age" has .* at element [01]; /);
  });

  test('a number that FP32 cannot hold exactly is refused unless it is sent as FP32', () => {
    const data = patch.data.map((value) => value / 10);
    expect(refusal(withPatch({ datatype: 'FP64', data })).message).toBe(
      'input "patch" element 0 does not fit FP32 exactly; send datatype FP32',
    );
    expect(refusal(withPatch({ datatype: 'INT32', data: patch.data.map(() => 2 ** 24 + 1) })).status).toBe(400);
    expect(valuesOf(parseInferRequest(withPatch({ data }), rules), 'patch')).toEqual(data.map(Math.fround));
    expect(valuesOf(parseInferRequest(withPatch({ datatype: 'INT64' }), rules), 'patch')).toEqual(patch.data);
  });
});

describe('a bad request is refused with the field and the remedy', () => {
  test.each<[string, unknown, RegExp]>([
    ['no object', [], /^the body must be a JSON object with a list "inputs"/],
    ['null', null, /^the body must be a JSON object/],
    ['an id that is a number', { ...good, id: 7 }, /^"id" must be a string/],
    ['an id that is too long', { ...good, id: 'x'.repeat(257) }, /^"id" must be a string of at most 256/],
    ['parameters that are a list', { ...good, parameters: [] }, /^"parameters" must be an object/],
    ['no inputs', {}, /^"inputs" must be a list with "age", "patch", "city"/],
    ['too many inputs', { inputs: [age, age, patch, city] }, /^"inputs" has 4 items/],
    [
      'a column more than the model has',
      { inputs: [age, { ...age, name: 'index' }, patch, city] },
      /^input "index" is not one of the model's inputs "age"/,
    ],
    ['an input twice', { inputs: [age, age, patch] }, /^input "age" is given twice/],
    ['a missing input', { inputs: [age, patch] }, /^input "city" is missing; send "age", "patch", "city"/],
    ['an input that is a string', { inputs: ['age'] }, /^inputs\[0\] must be an object/],
    ['an input without a name', { inputs: [{}] }, /^inputs\[0\]\.name must be one of "age"/],
    ['an unknown input', withAge({ name: 'agee' }), /^input "agee" is not one of the model's inputs "age", "patch"/],
    ['an unknown datatype', withAge({ datatype: 'float32' }), /^input "age" needs a datatype out of BOOL, UINT8/],
    [
      'text for a number',
      withAge({ datatype: 'BYTES', data: ['1', '2'] }),
      /^input "age" has datatype BYTES; the model takes FP64: send numbers/,
    ],
    [
      'a number for text',
      { inputs: [age, patch, { ...city, datatype: 'FP64' }] },
      /^input "city" has datatype FP64; the model takes BYTES: send strings/,
    ],
    [
      'a number among texts',
      { inputs: [age, patch, { ...city, data: ['a', 1] }] },
      /^input "city" has 1 at element 1; send a string/,
    ],
    [
      'BF16 in JSON',
      withAge({ datatype: 'BF16' }),
      /^input "age" has datatype BF16, which JSON does not have; send FP32/,
    ],
    ['no data', withAge({ data: undefined }), /^input "age" needs a list "data", or parameters.binary_data_size/],
    ['null for data', withAge({ data: null }), /^input "age" needs a list "data"/],
    [
      'data nested deeper than its shape',
      withAge({ data: [[1], [2]] }),
      /^input "age" has a list at element 0; send data flat, or nested as its shape \[2\] says/,
    ],
    [
      'an integer that JSON cannot hold',
      withAge({ datatype: 'INT64', data: [1, 2 ** 53] }),
      /^input "age" has 9007199254740992 at element 1; INT64 takes whole numbers up to 2\^53 \(beyond: send FP64\)/,
    ],
    [
      'bytes that are not there',
      withAge({ data: null, parameters: { binary_data_size: 16 } }),
      /but nothing follows the/,
    ],
    [
      'data and bytes',
      withAge({ parameters: { binary_data_size: 16 } }),
      /^input "age" has "data" and binary_data_size/,
    ],
    [
      'shared memory',
      withAge({ parameters: { shared_memory_region: 'a' } }),
      /is in shared memory, which is not offered/,
    ],
    [
      'texts in base64',
      { inputs: [age, patch, { ...city, parameters: { content_type: 'base64' } }] },
      /^input "city" has content_type base64; send the texts as they are/,
    ],
    ['input parameters that are a text', withAge({ parameters: 'a' }), /^input "age": parameters must be an object/],
    [
      'binary_data_output that is a number',
      { ...good, parameters: { binary_data_output: 1 } },
      /must be true or false/,
    ],
    [
      'the classification extension',
      { ...good, outputs: [{ name: 'label', parameters: { classification: 2 } }] },
      /^outputs\[0\]\.parameters\.classification is not offered; leave it out/,
    ],
    [
      'no shape',
      withAge({ shape: undefined }),
      /^input "age" has no shape, which the model does not take; send \[-1\]/,
    ],
    [
      'a shape of the wrong rank',
      withPatch({ shape: [2, 6] }),
      /send \[-1,2,3\] with the number of rows, at least 1, for -1/,
    ],
    ['a shape of the wrong size', withPatch({ shape: [2, 3, 2] }), /^input "patch" has shape \[2,3,2\]/],
    ['no rows', withAge({ shape: [0], data: [] }), /^input "age" has shape/],
    ['a negative row count', withAge({ shape: [-2] }), /^input "age" has shape/],
    ['a fraction of a row', withAge({ shape: [1.5] }), /^input "age" has shape/],
    ['too little data', withAge({ data: [1] }), /^input "age" has 1 data elements; its shape asks for 2/],
    ['too much data', withAge({ data: [1, 2, 3] }), /^input "age" has 3 data elements; its shape asks for 2/],
    [
      'nested data of another shape',
      withPatch({ data: [[1, 2, 3, 4, 5, 6], [7]] }),
      /^input "patch" data has a list of 6 at level 1; its shape asks for a list of 2/,
    ],
    ['half nested data', withPatch({ data: [[[1, 2, 3], 4], 5] }), /^input "patch" data has 4 at level 2/],
    [
      'different row counts',
      withAge({ shape: [1], data: [1] }),
      /^inputs "age" and "patch" have 1 and 2 rows; send as many of each/,
    ],
    [
      'an unknown output',
      { ...good, outputs: [{ name: 'logits' }] },
      /^outputs\[0\]\.name is "logits"; it must be one of "label", "probabilities"/,
    ],
    [
      'an output twice',
      { ...good, outputs: [{ name: 'label' }, { name: 'label' }] },
      /^"outputs" names an output twice/,
    ],
    ['outputs that are an object', { ...good, outputs: {} }, /^"outputs" must be a list/],
  ])('%s', (_what, body, message) => {
    const error = refusal(body);
    expect(error.status).toBe(400);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThanOrEqual(200);
  });

  test('more elements than the server takes are a 413, before anything is allocated', () => {
    const error = refusal(withPatch({ shape: [1e15, 2, 3], data: [] }));
    expect(error).toMatchObject({
      status: 413,
      message: expect.stringMatching(/the server takes 40; send fewer rows/),
    });
  });
});

describe('whatever the body', () => {
  const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(2 ** 53, 1e300, -0));
  const element = fc.oneof(number, fc.string(), fc.boolean(), fc.constant(null), fc.array(number, { maxLength: 3 }));
  const shape = fc.array(fc.oneof(fc.integer({ min: -2, max: 4 }), fc.double(), fc.constantFrom(2 ** 40, 2 ** 60)), {
    maxLength: 4,
  });
  const input = fc.record(
    {
      name: fc.oneof(fc.constantFrom('age', 'patch', 'city', '__proto__', 'constructor'), fc.string()),
      datatype: fc.constantFrom('FP64', 'FP32', 'BYTES', 'INT8', 'BOOL', '', 7),
      shape: fc.oneof(shape, fc.anything()),
      data: fc.oneof(fc.array(element, { maxLength: 60 }), fc.anything()),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.anything({ withNullPrototype: true }),
    fc.json().map((text): unknown => JSON.parse(text)),
    fc.record(
      { inputs: fc.array(input, { maxLength: 4 }), outputs: fc.anything(), id: fc.anything() },
      { requiredKeys: ['inputs'] },
    ),
  );
  const mutated = fc
    .tuple(
      fc.constantFrom('age', 'patch', 'city'),
      fc.constantFrom('name', 'datatype', 'shape', 'data'),
      fc.oneof(fc.anything(), shape, fc.array(element)),
    )
    .map(([name, key, value]) => ({
      inputs: good.inputs.map((item) => (item.name === name ? { ...item, [key]: value } : item)),
    }));

  test('it is read within the limits or refused with a RequestError, never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(body, mutated), (value) => {
        try {
          const request = parseInferRequest(value, rules);
          const elements = [...request.inputs.values()].reduce((sum, { length }) => sum + length, 0);
          expect(elements).toBeLessThanOrEqual(rules.maxElements);
          expect([...request.inputs.keys()].sort()).toEqual(['age', 'city', 'patch']);
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          expect([400, 413]).toContain(error.status);
          expect(error.message.length).toBeLessThanOrEqual(200);
        }
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  test('every valid request comes back with exactly its numbers', () => {
    const rows = fc.integer({ min: 1, max: 4 });
    const request = rows.chain((n) =>
      fc.record({
        ages: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: n, maxLength: n }),
        pixels: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 6 * n, maxLength: 6 * n }),
        cities: fc.array(fc.string(), { minLength: n, maxLength: n }),
      }),
    );
    fc.assert(
      fc.property(request, ({ ages, pixels, cities }) => {
        const n = ages.length;
        const text = JSON.stringify({
          inputs: [
            { ...age, shape: [n], data: ages },
            { ...patch, shape: [n, 2, 3], data: pixels },
            { ...city, shape: [n], data: cities },
          ],
        });
        const read = parseInferRequest(JSON.parse(text), rules);
        expect(valuesOf(read, 'age')).toEqual(ages.map((value) => value + 0));
        expect(valuesOf(read, 'patch')).toEqual(pixels.map((value) => value + 0));
        expect(valuesOf(read, 'city')).toEqual(cities);
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});
