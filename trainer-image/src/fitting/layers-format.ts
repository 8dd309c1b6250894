// Writes a network in the TensorFlow.js layers format, byte for byte the same for the same network.
import { canonicalBytes } from '@sluice/model/digest.ts';
import type { io, LayersModel } from '@tensorflow/tfjs';
import type { TensorFlow } from './tensorflow.ts';

/** `model.json` (topology and list of weights) and `weights.bin` (all weights, little-endian float32). */
export async function exportNetwork(tf: TensorFlow, network: LayersModel): Promise<Map<string, Uint8Array>> {
  const saved: io.ModelArtifacts[] = [];
  await network.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved.push(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const [artifacts] = saved;
  if (artifacts?.weightData === undefined) throw new Error('TensorFlow.js saved a network without weights.');
  const model = {
    format: 'layers-model',
    generatedBy: artifacts.generatedBy,
    convertedBy: null,
    modelTopology: artifacts.modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }],
  };
  const pieces = Array.isArray(artifacts.weightData) ? artifacts.weightData : [artifacts.weightData];
  const weights = new Uint8Array(Buffer.concat(pieces.map((piece) => new Uint8Array(piece))));
  return new Map([
    ['model.json', canonicalBytes(model)],
    ['weights.bin', weights],
  ]);
}
