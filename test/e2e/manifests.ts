// Manifests of end-to-end tests: small jobs on data in a ConfigMap, changed field by field where a test needs it.
import { apiVersion } from './world.ts';

export const models = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'models' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

/** A ConfigMap `name` with one file `rows.csv`. */
export const dataset = (name: string, csv: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { 'rows.csv': csv },
});

type Changes = {
  readonly model?: string;
  readonly data?: object;
  readonly builtin?: object;
  readonly spec?: object;
};

/** A logistic model of the ConfigMap `points`, done in seconds. */
export const trainingJob = (name: string, { model = name, data = {}, builtin = {}, spec = {} }: Changes = {}) => ({
  apiVersion,
  kind: 'TrainingJob',
  metadata: { name },
  spec: {
    modelName: model,
    data: { source: { configMap: { name: 'points', key: 'rows.csv' } }, format: 'CSV', target: 'label', ...data },
    trainer: {
      builtin: { task: 'Classification', architecture: { type: 'Logistic' }, epochs: 5, batchSize: 16, ...builtin },
    },
    resources: { cpu: '100m', memory: '1Gi' },
    storage: { persistentVolumeClaim: { claimName: 'models' } },
    ...spec,
  },
});

export const modelDeployment = (name: string, model: object, server: object = {}) => ({
  apiVersion,
  kind: 'ModelDeployment',
  metadata: { name },
  spec: { model, server: { replicas: 1, resources: { cpu: '50m', memory: '256Mi' }, ...server } },
});

/** Steps that are over in seconds under the load of `serving.ts`. */
export const quickRollout = {
  steps: [
    { name: 'probe', weightPercent: 20, minCandidateSamples: 40, minSeconds: 2, maxSeconds: 120 },
    { name: 'half', weightPercent: 50, minCandidateSamples: 100, maxSeconds: 120 },
  ],
  bakeSeconds: 5,
};

/** The labelled rows of ConfigMap `holdout` before any traffic; errors and the median latency after that. */
export const quickGates = [
  {
    name: 'accuracy',
    evaluation: {
      metric: 'accuracy',
      dataset: { source: { configMap: { name: 'holdout', key: 'rows.csv' } }, format: 'CSV', target: 'label' },
    },
    min: 0.65,
    maxRegression: 0.15,
  },
  { name: 'errors', traffic: { metric: 'errorRate' }, max: 0.1, maxRegression: 0.1 },
  {
    name: 'latency',
    traffic: { metric: 'latencyMs', quantile: 0.5 },
    maxRegressionPercent: 100,
    // Envoy counts whole milliseconds: a median of 1 or 2 ms more may be the machine's, one of 5 ms is the model's.
    maxRegressionAbsolute: 5,
  },
];

/** A ModelDeployment whose candidates must prove themselves. */
export const provingDeployment = (name: string, model: object, server: object = {}) => {
  const plain = modelDeployment(name, model, server);
  return { ...plain, spec: { ...plain.spec, rollout: quickRollout, gates: quickGates } };
};
