// Which JSON values each datatype of the Open Inference Protocol allows, and the number each of them stands for.

/** Reads one JSON value as a number of the datatype; `undefined` when it is none. */
type NumberReader = (value: unknown) => number | undefined;

const largestHalf = 65_504;

const integer =
  (minimum: number, maximum: number): NumberReader =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum ? value : undefined;

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/**
 * The numeric datatypes. JSON carries 64-bit integers as doubles, so those beyond ±(2^53 - 1) are refused: their last
 * digits may already be lost. A decimal given as FP32 means the nearest FP32, as it would in the binary protocol.
 */
export const numberReaders: ReadonlyMap<string, NumberReader> = new Map([
  ['BOOL', (value) => (typeof value === 'boolean' ? Number(value) : undefined)],
  ['UINT8', integer(0, 255)],
  ['UINT16', integer(0, 65_535)],
  ['UINT32', integer(0, 4_294_967_295)],
  ['UINT64', integer(0, Number.MAX_SAFE_INTEGER)],
  ['INT8', integer(-128, 127)],
  ['INT16', integer(-32_768, 32_767)],
  ['INT32', integer(-2_147_483_648, 2_147_483_647)],
  ['INT64', integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)],
  ['FP16', (value) => (typeof value === 'number' && Math.abs(value) <= largestHalf ? Math.fround(value) : undefined)],
  ['FP32', (value) => (typeof value === 'number' ? finite(Math.fround(value)) : undefined)],
  ['FP64', (value) => (typeof value === 'number' ? finite(value) : undefined)],
]);

/** Every datatype a client may name; BF16 only as bytes, JSON has no such number. */
export const datatypeNames: readonly string[] = [...numberReaders.keys(), 'BF16', 'BYTES'];
