// Builds TensorFlow.js's in-memory form of a Layers model from the files of a bundle.
import { BundleError } from '@sluice/model/bundle-error.ts';
import type { io } from '@tensorflow/tfjs-core';

/** The bundle's file that describes the network; it names the files that hold the weights. */
export const modelFile = 'model.json';

/** Throws BundleError (BundleUnsupported) when `model.json`, or a weight file that it names, is not there. */
export function modelArtifacts(files: ReadonlyMap<string, Uint8Array>): io.ModelArtifacts {
  const model = parseModel(fileOf(files, modelFile));
  if (!model.modelTopology || !Array.isArray(model.weightsManifest)) {
    throw new BundleError(
      'BundleUnsupported',
      `${modelFile} has no modelTopology or weightsManifest; export a Layers model`,
    );
  }
  const paths = model.weightsManifest.flatMap((group) => group.paths);
  return {
    modelTopology: model.modelTopology,
    weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
    weightData: joined(paths.map((path) => fileOf(files, path))),
  };
}

function parseModel(bytes: Uint8Array): Partial<io.ModelJSON> {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<io.ModelJSON>;
  } catch (error) {
    throw new BundleError('BundleUnsupported', `${modelFile} is not JSON; export the model again`, { cause: error });
  }
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array {
  const bytes = files.get(path);
  if (!bytes) throw new BundleError('BundleUnsupported', `the bundle has no file ${path}; export the model again`);
  return bytes;
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
