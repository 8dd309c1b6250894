// Serves layers models with TensorFlow.js's wasm backend.
import { BundleError } from '@sluice/model/bundle-error.ts';
import type { OpenedBundle } from '@sluice/model/bundle-reading.ts';
import type { Manifest } from '@sluice/model/manifest.ts';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import type { Engine } from './engine.ts';
import { layersArtifacts } from './layers-artifacts.ts';

export const loadLayers: Engine = async (bundle, { wasmDirectory }) => {
  await openBackend(wasmDirectory);
  const network = await loadNetwork(bundle);
  const { inputShape } = bundle.manifest;
  return { infer: (values, rows) => infer(network, values, [rows, ...inputShape]) };
};

async function openBackend(wasmDirectory: string): Promise<void> {
  setWasmPaths(wasmDirectory);
  if (!(await tf.setBackend('wasm'))) throw new Error(`TensorFlow.js found no usable .wasm file in ${wasmDirectory}`);
  tf.enableProdMode();
}

async function loadNetwork(bundle: OpenedBundle): Promise<LayersModel> {
  const artifacts = await layersArtifacts(bundle);
  try {
    const network = await loadLayersModel({ load: async () => artifacts });
    checkInputShape(network, bundle.manifest);
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
  if (JSON.stringify(shapes) === wanted && network.outputs.length === 1) return;
  const found = `inputs ${JSON.stringify(shapes)} and ${network.outputs.length} outputs`;
  throw new BundleError('BundleUnsupported', `the network has ${found}; the manifest says inputs ${wanted}, 1 output`);
}

/** `apply` instead of `predict`: the latter's own batching and checks take three times as long for one row of a small MLP. */
function infer(network: LayersModel, values: Float32Array, shape: number[]): Float32Array {
  return tf.tidy(() => {
    const output = network.apply(tf.tensor(values, shape, 'float32'), { training: false });
    if (!(output instanceof tf.Tensor)) throw new Error('the network did not give one tensor');
    return output.dataSync<'float32'>();
  });
}
