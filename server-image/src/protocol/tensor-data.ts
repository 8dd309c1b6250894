// Turns the data of one input, nested, flat or as bytes, into the values that preprocessing takes. The caller has checked
// the shape and its size, so nothing here allocates more than the shape allows.
import type { TensorSignature } from '@sluice/model/manifest.ts';
import { type BinaryInput, readNumbers, readTexts } from './binary-tensor.ts';
import { numberReaders } from './datatypes.ts';
import { badRequest, quoted } from './request-error.ts';

/** Row-major values of one input. A missing number, null or NaN in the request, is NaN here, as in training; a missing text is null. */
export type TensorValues = Float32Array | Float64Array | (string | null)[];

/** An input whose fields have been checked: `size` is the product of `shape`. */
export type CheckedInput = {
  readonly signature: TensorSignature;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** Elements of JSON, or the tensor's bytes. */
  readonly data: readonly unknown[] | Uint8Array;
};

/** Puts the element of JSON at `index`, or throws. */
type Put = (element: unknown, index: number) => void;

/** Throws RequestError when `data` does not have the shape, or an element is not of the datatype or would lose digits. */
export function readTensor(input: CheckedInput): TensorValues {
  const { data } = input;
  const isText = input.signature.datatype === 'BYTES';
  if (data instanceof Uint8Array) return isText ? readTexts(data, binaryInput(input)) : binaryNumbers(input, data);
  const { values, put } = isText ? textWriter(input) : numberWriter(input);
  if (Array.isArray(data[0]) && input.shape.length > 1) copyNested(input, data, put);
  else copyFlat(input, data, put);
  return values;
}

const binaryInput = ({ signature, datatype, size }: CheckedInput): BinaryInput => ({
  name: signature.name,
  datatype,
  size,
});

function binaryNumbers(input: CheckedInput, bytes: Uint8Array): TensorValues {
  const { values, put } = exactNumbers(input);
  readNumbers(bytes, binaryInput(input), (element, index) => {
    const value = Number(element);
    if (Math.abs(value) === Number.POSITIVE_INFINITY) throw badElement(input, value, index);
    if (typeof element === 'bigint' && BigInt(value) !== element) throw inexact(input, index);
    put(value, index);
  });
  return values;
}

function copyFlat({ size, signature }: CheckedInput, data: readonly unknown[], put: Put): void {
  if (data.length !== size) {
    throw badRequest(`input ${quoted(signature.name)} has ${data.length} data elements; its shape asks for ${size}`);
  }
  for (let index = 0; index < size; index++) put(data[index], index);
}

function copyNested({ shape, signature }: CheckedInput, data: readonly unknown[], put: Put): void {
  let index = 0;
  const visit = (level: unknown, dimension: number): void => {
    const wanted = shape[dimension];
    if (!Array.isArray(level) || level.length !== wanted) {
      const found = Array.isArray(level) ? `a list of ${level.length}` : describe(level);
      throw badRequest(
        `input ${quoted(signature.name)} data has ${found} at level ${dimension}; its shape asks for a list of ${wanted}`,
      );
    }
    if (dimension === shape.length - 1) for (const element of level) put(element, index++);
    else for (const inner of level) visit(inner, dimension + 1);
  };
  visit(data, 0);
}

function textWriter({ signature, size }: CheckedInput): { values: (string | null)[]; put: Put } {
  const values = new Array<string | null>(size);
  const put: Put = (element, index) => {
    if (typeof element !== 'string' && element !== null) {
      throw badRequest(
        `input ${quoted(signature.name)} has ${describe(element)} at element ${index}; send a string, or null where it is missing`,
      );
    }
    values[index] = element;
  };
  return { values, put };
}

function numberWriter(input: CheckedInput): { values: Float32Array | Float64Array; put: Put } {
  const { signature, datatype } = input;
  const read = numberReaders.get(datatype);
  if (!read)
    throw badRequest(`input ${quoted(signature.name)} has datatype ${datatype}, which JSON does not have; send FP32`);
  const { values, put } = exactNumbers(input);
  return {
    values,
    put: (element, index) => {
      const value = element === null ? Number.NaN : read(element);
      if (value === undefined) throw badElement(input, element, index);
      put(value, index);
    },
  };
}

/** Takes numbers, NaN among them, that the model's datatype holds as they are. */
function exactNumbers(input: CheckedInput) {
  const { signature, size } = input;
  const values = signature.datatype === 'FP32' ? new Float32Array(size) : new Float64Array(size);
  const put = (value: number, index: number) => {
    values[index] = value;
    if (values[index] !== value && !Number.isNaN(value)) throw inexact(input, index);
  };
  return { values, put };
}

function inexact({ signature: { name, datatype } }: CheckedInput, index: number) {
  return badRequest(
    `input ${quoted(name)} element ${index} does not fit ${datatype} exactly; send datatype ${datatype}`,
  );
}

function badElement({ signature, datatype, shape }: CheckedInput, element: unknown, index: number) {
  if (Array.isArray(element)) {
    return badRequest(
      `input ${quoted(signature.name)} has a list at element ${index}; send data flat, or nested as its shape [${shape.join(',')}] says`,
    );
  }
  return badRequest(
    `input ${quoted(signature.name)} has ${describe(element)} at element ${index}; ${datatype} takes ${allowed(datatype)}`,
  );
}

function allowed(datatype: string): string {
  if (datatype === 'BOOL') return 'true or false';
  const range = datatype.endsWith('INT64')
    ? 'whole numbers up to 2^53 (beyond: send FP64)'
    : 'finite numbers in its range';
  return `${range}, or null where one is missing`;
}

function describe(element: unknown): string {
  if (element === null) return 'null';
  if (typeof element === 'string') return `the string ${quoted(element)}`;
  if (Array.isArray(element)) return 'a list';
  return typeof element === 'object' ? 'an object' : String(element);
}
