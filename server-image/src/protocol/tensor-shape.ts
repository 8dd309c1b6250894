// Whether the shape that a client gives to an input is one that the model takes.
import type { TensorSignature } from '@sluice/model/manifest.ts';
import { badRequest, quoted } from './request-error.ts';

/** More dimensions than any signature has, and few enough to walk through. */
const maxDimensions = 16;

/**
 * The client's shape. Trailing dimensions of 1 hold no data and may be there or not: a column of a data frame is `[n,1]`
 * where the signature says `[n]`, a grey image `[n,28,28]` where it says `[n,28,28,1]`. Throws RequestError.
 */
export function checkShape(shape: unknown, { name, shape: wanted }: TensorSignature): number[] {
  if (Array.isArray(shape) && shape.length <= maxDimensions && shape.every(isLength)) {
    const given = withoutTrailingOnes(shape);
    const asked = withoutTrailingOnes(wanted);
    const fits = (length: number, dimension: number) => asked[dimension] === -1 || asked[dimension] === length;
    if (given.length === asked.length && given.every(fits)) return shape;
  }
  const remedy = `send [${wanted.join(',')}] with the number of rows, at least 1, for -1`;
  throw badRequest(`input ${quoted(name)} has ${described(shape)}, which the model does not take; ${remedy}`);
}

/** The number of rows stays, also where it is 1. */
function withoutTrailingOnes(shape: readonly number[]): readonly number[] {
  const last = shape.findLastIndex((length, dimension) => length !== 1 || dimension === 0);
  return shape.slice(0, last + 1);
}

const isLength = (length: unknown): length is number =>
  typeof length === 'number' && Number.isSafeInteger(length) && length >= 1;

function described(shape: unknown): string {
  if (shape === undefined) return 'no shape';
  const text = JSON.stringify(shape);
  return text.length <= 40 ? `shape ${text}` : 'a shape';
}
