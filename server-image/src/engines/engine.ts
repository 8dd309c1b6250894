// What a format of bundles must be able to do to be served: load itself, and answer rows that are encoded.
import type { OpenedBundle } from '@sluice/model/bundle-reading.ts';

/** Where the engines' own files lie. */
export type EngineFiles = {
  /** Directory of TensorFlow.js's .wasm files, with a slash at the end. */
  readonly wasmDirectory: string;
};

/** A loaded network. */
export type Network = {
  /**
   * One pass.
   * @param values rows in the order of the manifest's features, each as long as its inputShape
   * @returns the network's output, row after row
   */
  infer(values: Float32Array, rows: number): Float32Array;
};

/** Loads the network of a bundle. Throws BundleError for one that cannot be loaded here, Error for a defect of the pod. */
export type Engine = (bundle: OpenedBundle, files: EngineFiles) => Promise<Network>;
