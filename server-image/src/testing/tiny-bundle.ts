// Small bundles for tests, with weights that depend on nothing but their place.
import '@tensorflow/tfjs-backend-cpu';
import { writeBundle } from '@sluice/model/bundle-files.ts';
import type { FittedFeature, FittedTarget } from '@sluice/model/manifest.ts';
import { encodedWidth } from '@sluice/model/preprocessing.ts';
import { inputSignature, outputSignature } from '@sluice/model/signature.ts';
import { sampleManifest } from '@sluice/model/testing/sample-manifest.ts';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';

/** A digit classifier's input. */
export const pixels: FittedFeature = {
  type: 'Tensor',
  name: 'pixels',
  columns: Array.from({ length: 784 }, (_, index) => `p${index}`),
  shape: [28, 28, 1],
  mean: 0.13,
  deviation: 0.3,
};
/** A row of a table: one number, one category. */
export const age: FittedFeature = {
  type: 'Number',
  name: 'age',
  column: 'age',
  median: 40,
  mean: 41.5,
  deviation: 12.25,
};
export const city: FittedFeature = { type: 'Category', name: 'city', column: 'city', categories: ['Basel', 'Graz'] };

export const digit: FittedTarget = {
  type: 'Classes',
  column: 'label',
  classes: Array.from({ length: 10 }, (_, index) => String(index)),
};
export const price: FittedTarget = { type: 'Value', column: 'price', mean: 100, deviation: 20 };

export type BundlePlan = {
  readonly features: readonly FittedFeature[];
  readonly target: FittedTarget;
  readonly network: 'MLP' | 'CNN' | 'Linear';
  /** Changes the weights; by default each is a small number made from its place. */
  readonly weight?: (index: number) => number;
  /** Lies, for tests of refusals: width of the last layer, shape in the manifest, text of files or undefined to leave one out. */
  readonly units?: number;
  readonly inputShape?: number[];
  readonly files?: { readonly [path: string]: string | undefined };
};

/** Writes the bundle below `storageDirectory`. Returns its digest and its directory's path. */
export async function writeTinyBundle(storageDirectory: string, plan: BundlePlan) {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const width = encodedWidth(plan.features);
  const shaped = plan.network === 'CNN' && plan.features[0]?.type === 'Tensor' ? plan.features[0].shape : [width];
  const network = buildNetwork(plan, shaped);
  setWeights(network, plan.weight ?? ((index) => Math.sin(index) / 8));
  const { digest, directory } = await writeBundle({
    storageDirectory,
    files: changed(await modelFiles(network), plan.files ?? {}),
    manifest: {
      ...sampleManifest,
      task: plan.target.type === 'Classes' ? 'Classification' : 'Regression',
      inputShape: plan.inputShape ?? [...shaped],
      features: [...plan.features],
      target: plan.target,
      signature: { inputs: inputSignature(plan.features), outputs: outputSignature(plan.target) },
    },
  });
  return { digest, directory: `${storageDirectory}/${directory}` };
}

function buildNetwork({ network, target, units }: BundlePlan, inputShape: number[]): LayersModel {
  const last =
    target.type === 'Classes'
      ? layers.dense({ units: units ?? target.classes.length, activation: 'softmax' })
      : layers.dense({ units: 1 });
  const input = layers.inputLayer({ inputShape });
  if (network === 'Linear') return sequential({ layers: [input, last] });
  if (network === 'MLP') return sequential({ layers: [input, layers.dense({ units: 16, activation: 'relu' }), last] });
  return sequential({
    layers: [
      input,
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.dropout({ rate: 0.25 }),
      layers.flatten(),
      last,
    ],
  });
}

function changed(files: Map<string, Uint8Array>, changes: NonNullable<BundlePlan['files']>): Map<string, Uint8Array> {
  for (const [path, text] of Object.entries(changes)) {
    if (text === undefined) files.delete(path);
    else files.set(path, Buffer.from(text));
  }
  return files;
}

function setWeights(network: LayersModel, weight: (index: number) => number): void {
  network.setWeights(
    network.getWeights().map(({ shape, size }) =>
      tf.tensor(
        Float32Array.from({ length: size }, (_, i) => weight(i)),
        shape,
      ),
    ),
  );
}

async function modelFiles(network: LayersModel): Promise<Map<string, Uint8Array>> {
  const { promise, resolve } = Promise.withResolvers<tf.io.ModelArtifacts>();
  await network.save(
    tf.io.withSaveHandler(async (saved) => {
      resolve(saved);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = await promise;
  const model = { modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] };
  return new Map([
    ['model.json', Buffer.from(JSON.stringify(model))],
    ['weights.bin', new Uint8Array(weightData as ArrayBuffer)],
  ]);
}
