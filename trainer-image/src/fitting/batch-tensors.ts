// Cuts batches out of a part's rows and turns them into tensors.
import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { Part } from './engine.ts';
import type { TensorFlow } from './tensorflow.ts';

/** `inputs` [batch × ...inputShape], `targets` [batch] (float32). */
export type BatchTensors = { readonly inputs: Tensor; readonly targets: Tensor1D; readonly rows: number };

/** Gathers `rows` of a part into tensors that the caller disposes (inside `tf.tidy`). */
export function gatherBatch(tf: TensorFlow, part: Part, batch: { rows: Int32Array; inputShape: readonly number[] }) {
  const width = part.inputs.length / part.rows;
  const inputs = new Float32Array(batch.rows.length * width);
  const targets = new Float32Array(batch.rows.length);
  batch.rows.forEach((row, place) => {
    inputs.set(part.inputs.subarray(row * width, (row + 1) * width), place * width);
    targets[place] = part.targets[row] ?? 0;
  });
  const shape = [batch.rows.length, ...batch.inputShape];
  return { inputs: tf.tensor(inputs, shape), targets: tf.tensor1d(targets), rows: batch.rows.length };
}

/** Rows from `from` on, at most `size` of them, ascending. */
export function consecutiveRows(from: number, size: number, rows: number): Int32Array {
  return Int32Array.from({ length: Math.min(size, rows - from) }, (_, place) => from + place);
}
