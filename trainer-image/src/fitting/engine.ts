// What fitting takes and gives, whatever does the arithmetic: an engine can be replaced without touching the rest.
import type { BundleFormat } from '@sluice/crds/formats.ts';
import type { Builtin } from '@sluice/crds/v1alpha1/builtin-trainer.ts';
import type { Manifest } from '@sluice/model/manifest.ts';
import type { EarlyStoppingState } from './early-stopping.ts';

/** Encoded rows of one part. `targets` holds the class index, or the standardised value. */
export type Part = {
  readonly rows: number;
  /** [rows × width], row-major. */
  readonly inputs: Float32Array;
  /** [rows]. */
  readonly targets: Float32Array;
};

/** What the network's output means; `deviation` turns standardised errors back into the target's unit. */
export type OutputKind =
  | { readonly type: 'Classes'; readonly count: number }
  | { readonly type: 'Value'; readonly deviation: number };

/** A tensor outside TensorFlow. */
export type NamedArray = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: Float32Array | Int32Array;
};

/** Sums over the rows of the running epoch; exact, so that a resumed epoch reports what an uninterrupted one would. */
export type EpochSums = { loss: number; quality: number; rows: number };

/** Everything that the rest of a fit depends on, after `step` steps. */
export type FitState = {
  readonly step: number;
  readonly sums: EpochSums;
  readonly stopping: EarlyStoppingState;
  readonly tensors: readonly NamedArray[];
};

/** Means over one epoch by the names of the progress document; `quality` is accuracy, or mean absolute error. */
export type EpochMetrics = {
  readonly loss: number;
  readonly quality: number;
  readonly validation?: { readonly loss: number; readonly quality: number };
};

/** Where a fit stands after a step; `metrics` are those of the last finished epoch. */
export type FitProgress = {
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly metrics: EpochMetrics | undefined;
};

/** How the caller follows a fit and stops it. */
export type FitWatch = {
  /** Called after every step; `takeState` copies the state, which costs time. */
  afterStep(progress: FitProgress, takeState: () => Promise<FitState>): Promise<'Continue' | 'Stop'>;
  /** Called between pieces of work that are not steps, such as a batch of the validation part. */
  alive(): Promise<void>;
};

/** One fit. */
export type FitTask = {
  readonly builtin: Builtin;
  readonly seed: number;
  /** Shape of one example. */
  readonly inputShape: readonly number[];
  readonly output: OutputKind;
  readonly training: Part;
  /** May have no rows. */
  readonly validation: Part;
  /** State to go on from. */
  readonly resumeFrom: FitState | undefined;
  readonly watch: FitWatch;
};

/** The network with its best weights. */
export type FittedNetwork = {
  readonly parameters: number;
  readonly epochsRun: number;
  /** 1-based; the last one without early stopping. */
  readonly bestEpoch: number;
  /** Network output for encoded rows: probabilities [rows × classes], or standardised values [rows]. */
  predict(inputs: Float32Array, rows: number): Promise<Float32Array>;
  /** The files of the engine's format. */
  exportFiles(): Promise<Map<string, Uint8Array>>;
};

/** Fits networks. `identity` changes whenever the same task would give other weights or its states another layout. */
export type Engine = {
  readonly identity: string;
  /** What its networks are exported as. */
  readonly format: BundleFormat;
  readonly framework: Manifest['framework'];
  readonly accelerator: 'GPU' | 'CPU';
  /** undefined when the watch said `Stop`. Throws `DivergedError`, `ArchitectureError`. */
  fit(task: FitTask): Promise<FittedNetwork | undefined>;
};

/** Loss or metrics are no longer finite. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

/** The architecture cannot be built for this data. */
export class ArchitectureError extends Error {
  override readonly name = 'ArchitectureError';
}
