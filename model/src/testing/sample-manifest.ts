// A small, valid manifest for tests.
import type { ManifestContent } from '../manifest.ts';

export const sampleManifest: ManifestContent = {
  schema: 'sluice.dev/bundle/v1',
  format: 'TFJSLayers',
  task: 'Classification',
  framework: { name: 'TensorFlow.js', version: '4.22.0', backend: 'tensorflow' },
  seed: 7,
  specDigest: `sha256:${'a'.repeat(64)}`,
  data: { digest: `sha256:${'b'.repeat(64)}`, rows: { training: 70, validation: 10, test: 20 } },
  signature: {
    inputs: [{ name: 'age', datatype: 'FP64', shape: [-1] }],
    outputs: [
      { name: 'label', datatype: 'BYTES', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
    ],
  },
  inputShape: [1],
  features: [{ type: 'Number', name: 'age', column: 'age', median: 40, mean: 41.5, deviation: 12.25 }],
  target: { type: 'Classes', column: 'label', classes: ['no', 'yes'] },
  profile: {
    rows: 70,
    features: [
      {
        name: 'age',
        missing: 1,
        edges: [20, 25, 30, 35, 40, 45, 50, 55, 60],
        counts: [7, 7, 7, 7, 7, 7, 7, 7, 7, 6],
        minimum: 18,
        maximum: 70,
      },
    ],
    target: {
      name: 'label',
      missing: 0,
      categories: [
        { value: 'no', count: 40 },
        { value: 'yes', count: 30 },
      ],
    },
  },
  metrics: [{ name: 'accuracy', split: 'test', value: 0.9, lower: 0.7, upper: 0.97, n: 20, method: 'wilson' }],
  card: { architecture: 'MLP 1-8-2', parameters: 34, epochsRun: 12, bestEpoch: 9 },
};
