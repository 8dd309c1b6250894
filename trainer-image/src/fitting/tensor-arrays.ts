// Copies tensors out of TensorFlow and back, bit for bit.
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import type { NamedArray } from './engine.ts';
import type { TensorFlow } from './tensorflow.ts';

export async function toArray(name: string, tensor: Tensor): Promise<NamedArray> {
  const dtype = tensor.dtype === 'int32' ? 'int32' : 'float32';
  const values = (await tensor.data()) as Float32Array | Int32Array;
  return { name, shape: tensor.shape, dtype, values: values.slice() };
}

/** The array at `place` as a tensor. Throws when the list is too short: a state of another network. */
export function fromArray(tf: TensorFlow, arrays: readonly NamedArray[], place: number): Tensor {
  const array = arrays[place];
  if (array === undefined) throw new Error(`The state has ${arrays.length} tensors; number ${place + 1} is missing.`);
  return tf.tensor(array.values, [...array.shape], array.dtype);
}

/** Copies a network's weights, named `<group>/<place>`. */
export function takeWeights(network: LayersModel, group: string): Promise<NamedArray[]> {
  return Promise.all(network.getWeights().map((tensor, place) => toArray(`${group}/${place}`, tensor)));
}

/** Puts weights back that `takeWeights` took from a network of the same plan. */
export function restoreWeights(tf: TensorFlow, network: LayersModel, weights: readonly NamedArray[]): void {
  tf.tidy(() => network.setWeights(weights.map((_, place) => fromArray(tf, weights, place))));
}
