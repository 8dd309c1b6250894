// Optimisers of `spec.trainer.builtin.optimizer`, and their complete state: what TensorFlow.js saves is not enough for Adam.
import type { Optimizer, Tensor, Variable } from '@tensorflow/tfjs';
import type { FitTask, NamedArray } from './engine.ts';
import { fromArray, toArray } from './tensor-arrays.ts';
import type { TensorFlow } from './tensorflow.ts';

const momentum = 0.9;

/**
 * Adam's running products of its betas. `setWeights` recomputes them as a power, which differs in the last bits from the
 * product that training keeps; a resumed run would then drift away from an uninterrupted one.
 */
type AdamPowers = { readonly accBeta1: Variable; readonly accBeta2: Variable };

export type OptimizerSpec = FitTask['builtin']['optimizer'];

export function makeOptimizer(tf: TensorFlow, spec: OptimizerSpec): Optimizer {
  switch (spec.type) {
    case 'Adam':
      return tf.train.adam(spec.learningRate);
    case 'SGD':
      return tf.train.sgd(spec.learningRate);
    case 'Momentum':
      return tf.train.momentum(spec.learningRate, momentum);
  }
}

function adamPowers(optimizer: Optimizer): AdamPowers | undefined {
  return 'accBeta1' in optimizer ? (optimizer as unknown as AdamPowers) : undefined;
}

/** Copies the optimiser's state: its own weights, then Adam's two powers. */
export async function takeOptimizerState(optimizer: Optimizer): Promise<NamedArray[]> {
  const weights = await optimizer.getWeights();
  const powers = adamPowers(optimizer);
  const tensors: Tensor[] = weights.map((weight) => weight.tensor as Tensor);
  if (powers !== undefined) tensors.push(powers.accBeta1, powers.accBeta2);
  const arrays = await Promise.all(tensors.map((tensor, place) => toArray(`optimizer/${place}`, tensor)));
  weights[0]?.tensor.dispose(); // the iteration counter is a fresh tensor, the others belong to the optimiser
  return arrays;
}

/** Puts a state back that `takeOptimizerState` took from an optimiser of the same spec. */
export async function restoreOptimizerState(tf: TensorFlow, optimizer: Optimizer, state: readonly NamedArray[]) {
  const powers = adamPowers(optimizer);
  const weights = powers === undefined ? state : state.slice(0, -2);
  const named = weights.map(({ name }, place) => ({ name, tensor: fromArray(tf, state, place) }));
  await optimizer.setWeights(named);
  if (powers === undefined) return;
  tf.tidy(() => {
    powers.accBeta1.assign(fromArray(tf, state, weights.length));
    powers.accBeta2.assign(fromArray(tf, state, weights.length + 1));
  });
}
