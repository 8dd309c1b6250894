// Builds TensorFlow.js's in-memory form of a layers model from the files of a bundle.
import { BundleError } from '@sluice/model/bundle-error.ts';
import type { OpenedBundle } from '@sluice/model/bundle-reading.ts';
import type { io } from '@tensorflow/tfjs-core';

/** The bundle's file that describes the network; it names the files that hold the weights. */
const modelFile = 'model.json';

/** Reads no file that the network does not name. Throws BundleError when one of them is not there or not as it was listed. */
export async function layersArtifacts({ read }: OpenedBundle): Promise<io.ModelArtifacts> {
  const model = parseModel(await read(modelFile));
  if (!model.modelTopology || !Array.isArray(model.weightsManifest)) {
    throw new BundleError(
      'BundleUnsupported',
      `${modelFile} has no modelTopology or weightsManifest; export a Layers model`,
    );
  }
  const parts: Uint8Array[] = [];
  for (const path of model.weightsManifest.flatMap((group) => group.paths)) parts.push(await read(path));
  return {
    modelTopology: model.modelTopology,
    weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
    weightData: joined(parts),
  };
}

function parseModel(bytes: Uint8Array): Partial<io.ModelJSON> {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<io.ModelJSON>;
  } catch (error) {
    throw new BundleError('BundleUnsupported', `${modelFile} is not JSON; export the model again`, { cause: error });
  }
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole.buffer;
}
