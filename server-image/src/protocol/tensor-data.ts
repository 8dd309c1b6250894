// Turns the `data` of one input, nested or flat, into the values that preprocessing takes. The caller has checked the
// shape and its size, so nothing here allocates more than the shape allows.
import type { TensorSignature } from '@sluice/model/manifest.ts';
import { numberReaders } from './datatypes.ts';
import { badRequest, quoted } from './request-error.ts';

/** Row-major values of one input. A missing number, null in the request, is NaN here, as in training; a missing text is null. */
export type TensorValues = Float32Array | Float64Array | (string | null)[];

/** An input whose fields have been checked: `size` is the product of `shape`. */
export type CheckedInput = {
  readonly signature: TensorSignature;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly data: readonly unknown[];
};

/** Puts the element of JSON at `index`, or throws. */
type Put = (element: unknown, index: number) => void;

/** Throws RequestError when `data` does not have the shape, or an element is not of the datatype or would lose digits. */
export function readTensor(input: CheckedInput): TensorValues {
  const { values, put } = input.signature.datatype === 'BYTES' ? textWriter(input) : numberWriter(input);
  if (Array.isArray(input.data[0]) && input.shape.length > 1) copyNested(input, put);
  else copyFlat(input, put);
  return values;
}

function copyFlat({ data, size, signature }: CheckedInput, put: Put): void {
  if (data.length !== size) {
    throw badRequest(`input ${quoted(signature.name)} has ${data.length} data elements; its shape asks for ${size}`);
  }
  for (let index = 0; index < size; index++) put(data[index], index);
}

function copyNested({ data, shape, signature }: CheckedInput, put: Put): void {
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
  const { signature, datatype, size } = input;
  const read = numberReaders.get(datatype);
  if (!read) throw badRequest(`input ${quoted(signature.name)} is numeric; BYTES cannot be converted to it`);
  const values = signature.datatype === 'FP32' ? new Float32Array(size) : new Float64Array(size);
  const put: Put = (element, index) => {
    const value = element === null ? Number.NaN : read(element);
    if (value === undefined) throw badElement(input, element, index);
    values[index] = value;
    if (values[index] !== value && element !== null) {
      throw badRequest(
        `input ${quoted(signature.name)} element ${index} does not fit ${signature.datatype} exactly; send datatype ${signature.datatype}`,
      );
    }
  };
  return { values, put };
}

function badElement({ signature, datatype }: CheckedInput, element: unknown, index: number) {
  const remedy = datatype === 'BOOL' ? 'true or false' : 'finite numbers in its range, or null where one is missing';
  return badRequest(
    `input ${quoted(signature.name)} has ${describe(element)} at element ${index}; ${datatype} takes ${remedy}`,
  );
}

function describe(element: unknown): string {
  if (element === null) return 'null';
  if (typeof element === 'string') return `the string ${quoted(element)}`;
  if (Array.isArray(element)) return 'a list';
  return typeof element === 'object' ? 'an object' : String(element);
}
