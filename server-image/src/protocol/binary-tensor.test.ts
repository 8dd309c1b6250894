// Inputs as bytes, as the binary extension sends them, against the numbers and texts that they stand for.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseInferRequest, type RequestRules } from './infer-request.ts';
import { RequestError } from './request-error.ts';

const rules: RequestRules = {
  maxElements: 100,
  signature: {
    inputs: [
      { name: 'age', datatype: 'FP64', shape: [-1] },
      { name: 'pixel', datatype: 'FP32', shape: [-1, 1] },
      { name: 'city', datatype: 'BYTES', shape: [-1] },
    ],
    outputs: [{ name: 'value', datatype: 'FP64', shape: [-1] }],
  },
};

type Part = { readonly datatype: string; readonly bytes: Uint8Array };
const fp32 = (...values: number[]): Part => ({ datatype: 'FP32', bytes: bytesOf(Float32Array.from(values)) });
const bytesOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
const texts = (...values: string[]): Part => ({
  datatype: 'BYTES',
  bytes: Buffer.concat(values.map((text) => Buffer.concat([lengthOf(Buffer.byteLength(text)), Buffer.from(text)]))),
});
const lengthOf = (length: number) => bytesOf(Uint32Array.of(length));

/** One row unless `rows` says more; an odd byte before the first tensor, so that none is aligned. */
function read(parts: Partial<Record<'age' | 'pixel' | 'city', Part>>, rows = 1) {
  const zeros = new Array<number>(rows).fill(0);
  const { age = fp32(...zeros), pixel = fp32(...zeros), city = texts(...zeros.map(() => '')) } = parts;
  const inputs = Object.entries({ age, pixel, city }).map(([name, { datatype, bytes }]) => ({
    ...{ name, datatype, shape: [rows, 1], parameters: { binary_data_size: bytes.length } },
  }));
  const whole = Buffer.concat([Buffer.from([1]), age.bytes, pixel.bytes, city.bytes]);
  const { inputs: values } = parseInferRequest({ inputs }, rules, whole.subarray(1));
  return (name: string) => Array.from<number | string | null>(values.get(name) ?? []);
}

function refusal(parts: Parameters<typeof read>[0], rows = 1): string {
  try {
    read(parts, rows);
  } catch (error) {
    if (error instanceof RequestError && error.status === 400) return error.message;
    throw error;
  }
  throw new Error('the request was accepted');
}

test.each<[string, ArrayBufferView, number[]]>([
  ['BOOL', Uint8Array.of(1, 0), [1, 0]],
  ['UINT8', Uint8Array.of(0, 255), [0, 255]],
  ['UINT16', Uint16Array.of(1, 65_535), [1, 65_535]],
  ['UINT32', Uint32Array.of(1, 4_294_967_295), [1, 4_294_967_295]],
  ['UINT64', BigUint64Array.of(2n ** 53n, 2n ** 63n), [2 ** 53, 2 ** 63]],
  ['INT8', Int8Array.of(-128, 127), [-128, 127]],
  ['INT16', Int16Array.of(-32_768, 3), [-32_768, 3]],
  ['INT32', Int32Array.of(-2_147_483_648, 3), [-2_147_483_648, 3]],
  ['INT64', BigInt64Array.of(-(2n ** 60n), 3n), [-(2 ** 60), 3]],
  ['FP16', Uint16Array.of(0x3555, 0xc000), [0.333_251_953_125, -2]],
  ['FP16', Uint16Array.of(0x0001, 0x7bff), [2 ** -24, 65_504]],
  ['BF16', Uint16Array.of(0x3f80, 0xc020), [1, -2.5]],
  ['FP32', Float32Array.of(0.1, 1e38), [Math.fround(0.1), Math.fround(1e38)]],
  ['FP64', Float64Array.of(0.1, -1e308), [0.1, -1e308]],
])('%s keeps its numbers', (datatype, view, wanted) => {
  expect(read({ age: { datatype, bytes: bytesOf(view) } }, 2)('age')).toEqual(wanted);
});

test('NaN stands for a missing number, as null does in JSON', () => {
  for (const [datatype, view] of [
    ['FP16', Uint16Array.of(0x7e00)],
    ['BF16', Uint16Array.of(0x7fc0)],
    ['FP32', Float32Array.of(Number.NaN)],
    ['FP64', Float64Array.of(Number.NaN)],
  ] as const) {
    expect(read({ age: { datatype, bytes: bytesOf(view) } })('age')).toEqual([Number.NaN]);
  }
});

test.each<[string, Part, RegExp]>([
  ['an infinite FP32', fp32(Number.NEGATIVE_INFINITY), /^input "age" has -Infinity at element 0; FP32 takes finite/],
  ['an infinite FP16', { datatype: 'FP16', bytes: bytesOf(Uint16Array.of(0x7c00)) }, /^input "age" has Infinity at/],
  [
    'an integer with digits beyond FP64',
    { datatype: 'INT64', bytes: bytesOf(BigInt64Array.of(2n ** 53n + 1n)) },
    /^input "age" element 0 does not fit FP64 exactly; send datatype FP64/,
  ],
  ['too many bytes', fp32(1, 2), /^input "age" has binary_data_size 8; its shape asks for 1 FP32, 4 bytes/],
  ['no bytes', fp32(), /^input "age" has binary_data_size 0; its shape asks for 1 FP32/],
])('%s is refused', (_what, age, message) => {
  expect(refusal({ age })).toMatch(message);
});

test('a number that FP32 cannot hold is refused unless it is sent as FP32', () => {
  const pixel = { datatype: 'FP64', bytes: bytesOf(Float64Array.of(0.1)) };
  expect(refusal({ pixel })).toBe('input "pixel" element 0 does not fit FP32 exactly; send datatype FP32');
});

test.each<[string, Uint8Array, RegExp]>([
  ['a text too many', texts('a', 'b').bytes, /^input "city" has other BYTES than the 1 texts that its shape asks for/],
  ['a text too few', texts().bytes, /^input "city" has other BYTES than the 1 texts/],
  ['a length beyond the end', lengthOf(5), /^input "city": text 0 is longer than its bytes/],
  ['half a length', Uint8Array.of(1, 0), /^input "city": text 0 is longer than its bytes/],
  ['no UTF-8', Buffer.concat([lengthOf(1), Uint8Array.of(0xff)]), /^input "city": text 0 is not UTF-8/],
])('%s is refused', (_what, bytes, message) => {
  expect(refusal({ city: { datatype: 'BYTES', bytes } })).toMatch(message);
});

test('bytes that belong to no input are refused, and an input whose bytes are missing', () => {
  const input = (size: unknown) => ({
    inputs: [{ name: 'age', datatype: 'FP32', shape: [1], parameters: { binary_data_size: size } }],
  });
  const say = (size: unknown, length: number) => () => parseInferRequest(input(size), rules, new Uint8Array(length));
  expect(say(4, 6)).toThrow('the body has 2 bytes more than its inputs say in binary_data_size');
  expect(say(4, 3)).toThrow('input "age" has binary_data_size 4; the body has 3 bytes left for it');
  expect(say('4', 4)).toThrow('input "age": parameters.binary_data_size must be a number of bytes');
  expect(say(-1, 4)).toThrow('parameters.binary_data_size must be a number of bytes');
});

test('whatever the bytes are, they are read or refused with a RequestError', () => {
  const datatype = fc.constantFrom('BYTES', 'FP16', 'BF16', 'FP64', 'INT64', 'BOOL');
  const part = fc.record({ datatype, bytes: fc.uint8Array({ maxLength: 24 }) });
  fc.assert(
    fc.property(part, part, fc.integer({ min: 1, max: 3 }), (age, city, rows) => {
      try {
        expect(read({ age, city }, rows)('city')).toHaveLength(rows);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        expect(error.status).toBe(400);
      }
    }),
    { numRuns: 1000, seed: 7 },
  );
});

test('texts of any characters come back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 }), (values) => {
      expect(read({ city: texts(...values) }, values.length)('city')).toEqual(values);
    }),
    { seed: 7 },
  );
});
