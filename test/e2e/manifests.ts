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
