// The model inside a worker thread: verified, loaded by the engine of its format, warmed, and asked for predictions.
import { BundleError } from '@sluice/model/bundle-error.ts';
import { openBundle } from '@sluice/model/bundle-reading.ts';
import type { FittedFeature, Manifest } from '@sluice/model/manifest.ts';
import { encode, encodedWidth } from '@sluice/model/preprocessing.ts';
import { decodeOutput, type OutputTensor } from '@sluice/model/target.ts';
import type { Network } from '../engines/engine.ts';
import { engines } from '../engines/engines.ts';
import type { TensorValues } from '../protocol/tensor-data.ts';
import type { PredictTask, Signature, WorkerSetup } from './messages.ts';

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
  const bundle = await openBundle(setup.modelDirectory, setup.bundleDigest);
  const { manifest } = bundle;
  const network = await engines[manifest.format](bundle, setup);
  checkWidth(manifest);
  const predictor: Predictor = {
    signature: manifest.signature,
    predict: (task) => predict(manifest, network, task),
  };
  warmUp(predictor, manifest, setup.maxElements);
  return predictor;
}

function checkWidth({ features, inputShape }: Manifest): void {
  const width = encodedWidth(features);
  if (width === elementsOf(inputShape)) return;
  const wanted = JSON.stringify([inputShape]);
  throw new BundleError('BundleUnsupported', `the features make ${width} numbers; the network takes ${wanted}`);
}

function predict(manifest: Manifest, network: Network, task: PredictTask): OutputTensor[] {
  const encoded = encode(manifest.features, task);
  const width = encoded.length / task.rows;
  const passes: Float32Array[] = [];
  for (let row = 0; row < task.rows; row += rowsPerPass) {
    const rows = Math.min(rowsPerPass, task.rows - row);
    passes.push(network.infer(encoded.subarray(row * width, (row + rows) * width), rows));
  }
  const output = passes.length === 1 && passes[0] ? passes[0] : concatenated(passes);
  checkFinite(output, task.rows);
  return decodeOutput(manifest.target, output, task.rows);
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
