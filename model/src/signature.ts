// The inference signature: what a client sends and gets, derived from what was fitted.
import type { FittedFeature, FittedTarget, TensorSignature } from './manifest.ts';

/** One input per feature: Number FP64 [-1], Category BYTES [-1], Tensor FP32 [-1, ...shape]. */
export function inputSignature(features: readonly FittedFeature[]): TensorSignature[] {
  return features.map((feature) => {
    if (feature.type === 'Tensor') return { name: feature.name, datatype: 'FP32', shape: [-1, ...feature.shape] };
    return { name: feature.name, datatype: feature.type === 'Number' ? 'FP64' : 'BYTES', shape: [-1] };
  });
}

/** `label` BYTES [-1] and `probabilities` FP32 [-1, classes] for classes, `value` FP64 [-1] for a value. */
export function outputSignature(target: FittedTarget): TensorSignature[] {
  if (target.type === 'Value') return [{ name: 'value', datatype: 'FP64', shape: [-1] }];
  return [
    { name: 'label', datatype: 'BYTES', shape: [-1] },
    { name: 'probabilities', datatype: 'FP32', shape: [-1, target.classes.length] },
  ];
}
