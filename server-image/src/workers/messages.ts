// What the main thread and a worker thread say to each other.
import type { BundleRejection } from '@sluice/crds/contract.ts';
import type { Manifest } from '@sluice/model/manifest.ts';
import type { OutputTensor } from '@sluice/model/target.ts';
import type { TensorValues } from '../protocol/tensor-data.ts';

export type Signature = Manifest['signature'];

/** Given to a worker when it starts. */
export type WorkerSetup = {
  /** Directory of the verified bundle. */
  readonly modelDirectory: string;
  /** `sha256:<hex>` the bundle must have. */
  readonly bundleDigest: string;
  /** Directory of TensorFlow.js's .wasm files, with a slash at the end. */
  readonly wasmDirectory: string;
  readonly maxElements: number;
};

/** One prediction to make. */
export type PredictTask = {
  readonly rows: number;
  readonly inputs: ReadonlyMap<string, TensorValues>;
};

export type Prediction = {
  readonly outputs: readonly OutputTensor[];
  /** Milliseconds of encoding, inference and decoding. */
  readonly computeMilliseconds: number;
};

/** Why a worker gave no prediction: the rows are wrong, the model's output is not finite, or a defect of ours. */
export type PredictFailure =
  | { readonly kind: 'BadInput' | 'Internal'; readonly message: string }
  | {
      readonly kind: 'NonFinite';
      readonly message: string;
      /** How many rows of the request. */
      readonly rows: number;
      /** Which: the first `maxNonFiniteRows` of them, from 0. */
      readonly firstRows: readonly number[];
    };

/** What a worker says, in order: Ready or Refused once, then one answer per task. */
export type WorkerMessage =
  | { readonly type: 'Ready'; readonly signature: Signature }
  | { readonly type: 'Refused'; readonly rejection: BundleRejection }
  | { readonly type: 'Done'; readonly prediction: Prediction }
  | { readonly type: 'Failed'; readonly failure: PredictFailure };
