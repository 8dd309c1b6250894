// A fit's state as two files: `state.json` says what the bytes of `state.bin` are.
import { endianness } from 'node:os';
import { digestOfBytes } from '@sluice/model/digest.ts';
import { z } from 'zod';
import type { FitState, NamedArray } from '../fitting/engine.ts';

const count = z.number().int().min(0);

/** What a checkpoint belongs to; it is used only by a run for which all of it is equal. */
const originSchema = z.object({
  engine: z.string(),
  dataDigest: z.string(),
  specDigest: z.string(),
  /** Of the rule that parted the rows: parted by another one, rows of the test would be trained on. Absent: 1. */
  splitVersion: count.optional(),
});
export type Origin = z.output<typeof originSchema>;

const descriptionSchema = z.object({
  schema: z.literal('sluice.dev/checkpoint/v1'),
  origin: originSchema,
  step: count,
  sums: z.object({ loss: z.number(), quality: z.number(), rows: count }),
  stopping: z.object({ best: z.number().optional(), bestEpoch: count, waited: count }),
  tensors: z.array(z.object({ name: z.string(), shape: z.array(count), dtype: z.enum(['float32', 'int32']) })),
  bytes: count,
  sha256: z.string(),
});

/** The two files of a checkpoint. */
export type StateFiles = { readonly description: Uint8Array; readonly bytes: Uint8Array };

/** Writes a state as bytes; `decodeState` is its inverse. */
export function encodeState(origin: Origin, state: FitState): StateFiles {
  const bytes = Buffer.concat(state.tensors.map(({ values }) => asBytes(values)));
  const description: z.input<typeof descriptionSchema> = {
    schema: 'sluice.dev/checkpoint/v1',
    origin,
    step: state.step,
    sums: state.sums,
    stopping: state.stopping,
    tensors: state.tensors.map(({ name, shape, dtype }) => ({ name, shape: [...shape], dtype })),
    bytes: bytes.length,
    sha256: digestOfBytes(bytes),
  };
  return { description: Buffer.from(JSON.stringify(description)), bytes };
}

/** Reads a state back. Throws when a byte is missing or wrong, or when it belongs to another origin. */
export function decodeState(origin: Origin, files: StateFiles): FitState {
  const description = descriptionSchema.parse(JSON.parse(Buffer.from(files.description).toString('utf8')));
  for (const key of ['engine', 'dataDigest', 'specDigest', 'splitVersion'] as const) {
    if (description.origin[key] !== origin[key]) throw new Error(`it was written for another ${key}`);
  }
  if (description.bytes !== files.bytes.length || description.sha256 !== digestOfBytes(files.bytes)) {
    throw new Error('its bytes do not match their sha256');
  }
  const { best, ...stopping } = description.stopping;
  return {
    step: description.step,
    sums: description.sums,
    stopping: best === undefined ? stopping : { ...stopping, best },
    tensors: cutTensors(description.tensors, files.bytes),
  };
}

type TensorDescription = Pick<NamedArray, 'name' | 'shape' | 'dtype'>;

function cutTensors(descriptions: readonly TensorDescription[], bytes: Uint8Array): NamedArray[] {
  let from = 0;
  const tensors = descriptions.map((description) => {
    const length = description.shape.reduce((product, size) => product * size, 1) * 4;
    // A copy with a buffer of its own: a Buffer's `slice` would only be another view of the file's bytes.
    const copy = new Uint8Array(bytes.subarray(from, from + length)).buffer;
    from += length;
    const values = description.dtype === 'int32' ? new Int32Array(copy) : new Float32Array(copy);
    return { ...description, values };
  });
  if (from !== bytes.length) throw new Error('its tensors do not add up to its bytes');
  return tensors;
}

function asBytes(values: Float32Array | Int32Array): Uint8Array {
  if (endianness() !== 'LE') throw new Error('Checkpoints are little-endian; this machine is not.');
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
