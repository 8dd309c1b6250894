// TensorFlow.js in pure JavaScript, for unit tests: the same engine runs on it, only far too slowly to train with.
import { createRequire } from 'node:module';
import type { NativeTensorFlow, TensorFlow } from './tensorflow.ts';

/** Loads the `cpu` backend; no native addon is needed. */
export async function loadPortable(): Promise<NativeTensorFlow> {
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as TensorFlow;
  tf.env().set('PROD', true); // keeps it from advertising its native backend
  await tf.setBackend('cpu');
  return { tf, usesGpu: false };
}
