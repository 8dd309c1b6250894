// The loss of a batch and the quality that goes with it: cross-entropy and accuracy, or squared and absolute error.
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs';
import type { FitTask, OutputKind, Part } from './engine.ts';
import type { TensorFlow } from './tensorflow.ts';

/**
 * One weight per class, n / (classes × count), so that the weights of all rows have mean 1 (scikit-learn's "balanced").
 * A class without rows in the training part gets 0 and does not count.
 */
export function balancedWeights(training: Part, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (const target of training.targets) counts[target] = (counts[target] ?? 0) + 1;
  const present = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) => (count === 0 ? 0 : training.rows / (present * count)));
}

/** Class weights of a task, if it asks for them. */
export function weightsOfClasses({ builtin, output, training }: FitTask): Float32Array | undefined {
  return builtin.classWeights === 'Balanced' && output.type === 'Classes'
    ? balancedWeights(training, output.count)
    : undefined;
}

/** Loss per row [batch] from the network's logits (or value). */
export function rowLosses(tf: TensorFlow, output: OutputKind, batch: { logits: Tensor; targets: Tensor1D }): Tensor1D {
  if (output.type === 'Value') {
    return tf.squaredDifference(batch.logits.flatten(), batch.targets) as Tensor1D;
  }
  const wanted = tf.oneHot(batch.targets.toInt(), output.count).toFloat();
  const none = tf.Reduction.NONE;
  return tf.losses.softmaxCrossEntropy(wanted, batch.logits, undefined, undefined, none) as Tensor1D;
}

/** Mean of the row losses, each weighted by its class. */
export function weightedMean(
  tf: TensorFlow,
  losses: Tensor1D,
  weighting: { targets: Tensor1D; classes: Tensor1D | undefined },
) {
  const weighted =
    weighting.classes === undefined ? losses : tf.mul(losses, tf.gather(weighting.classes, weighting.targets.toInt()));
  return tf.mean(weighted) as Scalar;
}

/** Sum over the rows of what counts as quality: right answers, or absolute error in the target's unit. */
export function qualitySum(tf: TensorFlow, output: OutputKind, batch: { logits: Tensor; targets: Tensor1D }): Scalar {
  if (output.type === 'Value') {
    return tf.sum(tf.abs(tf.sub(batch.logits.flatten(), batch.targets))).mul(output.deviation) as Scalar;
  }
  return tf.sum(tf.equal(tf.argMax(batch.logits, 1), batch.targets.toInt()).toFloat()) as Scalar;
}

/** `l2` times the sum of the squared kernels; biases are free. */
export function weightPenalty(tf: TensorFlow, kernels: readonly Tensor[], l2: number): Scalar {
  return kernels.reduce<Scalar>((sum, kernel) => tf.add(sum, tf.sum(tf.square(kernel)).mul(l2)), tf.scalar(0));
}
