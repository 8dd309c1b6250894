// The model inside a worker thread: verified, loaded into TensorFlow.js's wasm backend, warmed, and asked for predictions.

import { BundleError } from '@sluice/model/bundle-error.ts';
import { readBundle } from '@sluice/model/bundle-files.ts';
import type { FittedFeature, Manifest } from '@sluice/model/manifest.ts';
import { encode, encodedWidth } from '@sluice/model/preprocessing.ts';
import { decodeOutput, type OutputTensor } from '@sluice/model/target.ts';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import type { TensorValues } from '../protocol/tensor-data.ts';
import type { PredictTask, Signature, WorkerSetup } from './messages.ts';
import { modelArtifacts } from './model-artifacts.ts';

/** Rows per pass through the network: the wasm heap never shrinks, so one big request must not make it big for good. */
const rowsPerPass = 64;

/** Batch sizes of the warm-up: one row, a few, and a full pass with a rest. */
const warmUpRows = [1, 8, rowsPerPass + 1];

/** The network gave NaN or infinity for these rows of the request, from 0; at least one. */
export class NonFiniteError extends Error {
  readonly rows: readonly number[];

  constructor(rows: readonly number[]) {
    super(
      `the model's output for row ${rows[0]} is not finite (${rows.length} rows in all); check the input's range, or roll the model back`,
    );
    this.name = 'NonFiniteError';
    this.rows = rows;
  }
}

export type Predictor = {
  readonly signature: Signature;
  /** Throws DataError for input that cannot be encoded, NonFiniteError, or Error for a defect. Synchronous: it owns the thread. */
  predict(task: PredictTask): OutputTensor[];
};

/** Loads and warms the bundle. Throws BundleError when it does not match its digest, cannot be loaded, or predicts nonsense. */
export async function openPredictor(setup: WorkerSetup): Promise<Predictor> {
  const { manifest, files } = await readBundle(setup.modelDirectory, setup.bundleDigest);
  await openBackend(setup.wasmDirectory);
  const network = await loadNetwork(manifest, files);
  const predictor: Predictor = {
    signature: manifest.signature,
    predict: (task) => predict(manifest, network, task),
  };
  warmUp(predictor, manifest, setup.maxElements);
  return predictor;
}

async function openBackend(wasmDirectory: string): Promise<void> {
  setWasmPaths(wasmDirectory);
  if (!(await tf.setBackend('wasm'))) throw new Error(`TensorFlow.js found no usable .wasm file in ${wasmDirectory}`);
  tf.enableProdMode();
}

async function loadNetwork(manifest: Manifest, files: ReadonlyMap<string, Uint8Array>): Promise<LayersModel> {
  const artifacts = modelArtifacts(files);
  try {
    const network = await loadLayersModel({ load: async () => artifacts });
    checkInputShape(network, manifest);
    return network;
  } catch (error) {
    if (error instanceof BundleError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new BundleError('BundleUnsupported', `TensorFlow.js cannot load the model: ${message}`, { cause: error });
  }
}

function checkInputShape(network: LayersModel, manifest: Manifest): void {
  const shapes = network.inputs.map((input) => input.shape.slice(1));
  const wanted = JSON.stringify([manifest.inputShape]);
  if (JSON.stringify(shapes) !== wanted || network.outputs.length !== 1) {
    const found = `inputs ${JSON.stringify(shapes)} and ${network.outputs.length} outputs`;
    throw new BundleError(
      'BundleUnsupported',
      `the network has ${found}; the manifest says inputs ${wanted}, 1 output`,
    );
  }
  const width = encodedWidth(manifest.features);
  if (width !== elementsOf(manifest.inputShape)) {
    throw new BundleError('BundleUnsupported', `the features make ${width} numbers; the network takes ${wanted}`);
  }
}

function predict(manifest: Manifest, network: LayersModel, task: PredictTask): OutputTensor[] {
  const encoded = encode(manifest.features, task);
  const width = encoded.length / task.rows;
  const passes: Float32Array[] = [];
  for (let row = 0; row < task.rows; row += rowsPerPass) {
    const rows = Math.min(rowsPerPass, task.rows - row);
    passes.push(infer(network, encoded.subarray(row * width, (row + rows) * width), [rows, ...manifest.inputShape]));
  }
  const output = passes.length === 1 && passes[0] ? passes[0] : concatenated(passes);
  checkFinite(output, task.rows);
  return decodeOutput(manifest.target, output, task.rows);
}

/** `apply` instead of `predict`: the latter's own batching and checks take three times as long for one row of a small MLP. */
function infer(network: LayersModel, values: Float32Array, shape: number[]): Float32Array {
  return tf.tidy(() => {
    const output = network.apply(tf.tensor(values, shape, 'float32'), { training: false });
    if (!(output instanceof tf.Tensor)) throw new Error('the network did not give one tensor');
    return output.dataSync<'float32'>();
  });
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function checkFinite(output: Float32Array, rows: number): void {
  if (output.every(Number.isFinite)) return;
  const width = output.length / rows;
  const bad = new Set<number>();
  output.forEach((value, index) => {
    if (!Number.isFinite(value)) bad.add(Math.floor(index / width));
  });
  throw new NonFiniteError([...bad]);
}

function warmUp(predictor: Predictor, manifest: Manifest, maxElements: number): void {
  const elementsPerRow = manifest.signature.inputs.reduce((sum, { shape }) => sum + elementsOf(shape.slice(1)), 0);
  for (const rows of warmUpRows.filter((count) => count === 1 || count * elementsPerRow <= maxElements)) {
    try {
      predictor.predict({ rows, inputs: typicalInputs(manifest.features, rows) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new BundleError('BundleUnsupported', `warm-up with ${rows} typical rows failed: ${message}`, {
        cause: error,
      });
    }
  }
}

/** The centre of the training data: means, and every feature's first category. */
function typicalInputs(features: readonly FittedFeature[], rows: number): PredictTask['inputs'] {
  return new Map(
    features.map((feature): [string, TensorValues] => {
      if (feature.type === 'Category')
        return [feature.name, new Array<string | null>(rows).fill(feature.categories[0] ?? null)];
      if (feature.type === 'Number') return [feature.name, new Float64Array(rows).fill(feature.mean)];
      return [feature.name, new Float32Array(rows * feature.columns.length).fill(feature.mean)];
    }),
  );
}

const elementsOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
