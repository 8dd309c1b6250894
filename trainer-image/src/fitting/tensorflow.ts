// Loads TensorFlow.js: the native binding for training, nothing else. There is no silent fallback to a slower backend.
import { createRequire } from 'node:module';
import type * as tensorflow from '@tensorflow/tfjs';

/** The TensorFlow.js API; code in this folder takes it as an argument, so that a test can pass the pure JavaScript one. */
export type TensorFlow = typeof tensorflow;

/** TensorFlow.js on TensorFlow's C library, and whether that library found a GPU. */
export type NativeTensorFlow = { readonly tf: TensorFlow; readonly usesGpu: boolean };

type NativeBackend = { readonly isUsingGpuDevice: boolean };

/** The native addon could not be loaded: the image is broken. */
export class NativeMissingError extends Error {
  override readonly name = 'NativeMissingError';
}

/**
 * Environment under which results are a function of the spec alone: a fixed number of threads (it decides in which order
 * partial sums are added), and no oneDNN kernels, which differ by processor. TensorFlow reads these once, when it is loaded.
 */
export function determinismEnvironment(threads: number): Record<string, string> {
  return {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    TF_ENABLE_ONEDNN_OPTS: '0',
    TF_DETERMINISTIC_OPS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
  };
}

/** Loads the native binding. Throws `NativeMissingError` when it is not there or does not fit this Node. */
export function loadNative(): NativeTensorFlow {
  const require = createRequire(import.meta.url);
  try {
    const tf = require('@tensorflow/tfjs-node') as TensorFlow;
    return { tf, usesGpu: (tf.backend() as unknown as NativeBackend).isUsingGpuDevice };
  } catch (cause) {
    throw new NativeMissingError('The native TensorFlow binding cannot be loaded; rebuild the trainer image.', {
      cause,
    });
  }
}
