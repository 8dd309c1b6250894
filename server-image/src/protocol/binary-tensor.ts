// Tensors as bytes, as the binary extension has them: little-endian, row-major, texts each with its length before it.
import type { OutputTensor } from '@sluice/model/target.ts';
import { badRequest, quoted } from './request-error.ts';

const lengthBytes = 4;

type Reader = { readonly bytes: number; read(view: DataView, offset: number): number | bigint };

/** FP16 and BF16 become the FP32 of the same value; a 64-bit integer stays whole until it is known to fit. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['BOOL', { bytes: 1, read: (view, offset) => Number(view.getUint8(offset) !== 0) }],
  ['UINT8', { bytes: 1, read: (view, offset) => view.getUint8(offset) }],
  ['UINT16', { bytes: 2, read: (view, offset) => view.getUint16(offset, true) }],
  ['UINT32', { bytes: 4, read: (view, offset) => view.getUint32(offset, true) }],
  ['UINT64', { bytes: 8, read: (view, offset) => view.getBigUint64(offset, true) }],
  ['INT8', { bytes: 1, read: (view, offset) => view.getInt8(offset) }],
  ['INT16', { bytes: 2, read: (view, offset) => view.getInt16(offset, true) }],
  ['INT32', { bytes: 4, read: (view, offset) => view.getInt32(offset, true) }],
  ['INT64', { bytes: 8, read: (view, offset) => view.getBigInt64(offset, true) }],
  ['FP16', { bytes: 2, read: (view, offset) => fromHalf(view.getUint16(offset, true)) }],
  ['BF16', { bytes: 2, read: (view, offset) => fromBrainHalf(view.getUint16(offset, true)) }],
  ['FP32', { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) }],
  ['FP64', { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) }],
]);

function fromHalf(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** The upper half of an FP32. */
function fromBrainHalf(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** Which input is read, for messages, and how many elements its shape asks for. */
export type BinaryInput = { readonly name: string; readonly datatype: string; readonly size: number };

/** Hands each number of a tensor to `put`. Throws RequestError when there are more or fewer bytes than its shape asks for. */
export function readNumbers(
  bytes: Uint8Array,
  { name, datatype, size }: BinaryInput,
  put: (value: number | bigint, index: number) => void,
): void {
  const reader = readers.get(datatype);
  if (!reader) throw badRequest(`input ${quoted(name)} has datatype ${datatype}; send numbers`);
  if (bytes.length !== size * reader.bytes) {
    throw badRequest(
      `input ${quoted(name)} has binary_data_size ${bytes.length}; its shape asks for ${size} ${datatype}, ${size * reader.bytes} bytes`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < size; index++) put(reader.read(view, index * reader.bytes), index);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The texts of a BYTES tensor. Throws RequestError when they are not UTF-8, or not as many as its shape asks for. */
export function readTexts(bytes: Uint8Array, { name, size }: BinaryInput): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let offset = 0;
  while (offset < bytes.length && texts.length < size) {
    const end = endOfText(view, offset);
    if (end > bytes.length) throw badRequest(`input ${quoted(name)}: text ${texts.length} is longer than its bytes`);
    texts.push(decoded(bytes.subarray(offset + lengthBytes, end), name, texts.length));
    offset = end;
  }
  if (texts.length < size || offset < bytes.length) {
    throw badRequest(
      `input ${quoted(name)} has other BYTES than the ${size} texts that its shape asks for; send a 4-byte length before each`,
    );
  }
  return texts;
}

const endOfText = (view: DataView, offset: number) =>
  offset + lengthBytes > view.byteLength
    ? Number.POSITIVE_INFINITY
    : offset + lengthBytes + view.getUint32(offset, true);

function decoded(bytes: Uint8Array, name: string, index: number): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badRequest(`input ${quoted(name)}: text ${index} is not UTF-8; encode texts as UTF-8`);
  }
}

/** The bytes of an output. */
export function tensorBytes({ data }: OutputTensor): Buffer {
  if (!Array.isArray(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(
    data.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(lengthBytes);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
