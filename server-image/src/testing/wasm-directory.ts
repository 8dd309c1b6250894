// Where npm put TensorFlow.js's .wasm files.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

export const wasmDirectory = `${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`;
