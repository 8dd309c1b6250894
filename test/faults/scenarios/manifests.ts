// The objects that users of the scenarios apply: small, and as quick as the schema allows.
import { createHash } from 'node:crypto';
import { group, version } from '@sluice/crds/kind.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';

const apiVersion = `${group}/${version}`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Storage and rows, which every scenario has. */
export const ground: readonly KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'models' },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
  } as KubeObject,
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'rows' },
    data: { 'rows.csv': 'x,label\n1,a\n' },
  } as KubeObject,
];

const dataset = { source: { configMap: { name: 'rows', key: 'rows.csv' } }, format: 'CSV', target: 'label' };

/** A job that trains `points`. */
export const trainingJob = (name: string, spec: object = {}): KubeObject =>
  ({
    apiVersion,
    kind: 'TrainingJob',
    metadata: { name },
    spec: {
      modelName: 'points',
      data: dataset,
      trainer: { builtin: { task: 'Classification', architecture: { type: 'Logistic' }, epochs: 2, batchSize: 16 } },
      resources: { cpu: '100m', memory: '1Gi' },
      storage: { persistentVolumeClaim: { claimName: 'models' } },
      ...spec,
    },
  }) as KubeObject;

/** A version of `points` that a person imports. */
export function modelVersion(number: number): KubeObject {
  const hex = sha256(`points ${number}`);
  const bundle = { uri: `pvc://models/points/sha256-${hex}`, digest: `sha256:${hex}`, format: 'TFJSLayers' };
  return {
    apiVersion,
    kind: 'ModelVersion',
    metadata: { name: `points-${number}` },
    spec: { modelName: 'points', number, bundle },
  } as KubeObject;
}

/** Steps that a good candidate passes in a second each, and gates that a bad one fails in its first. */
const proving = {
  rollout: {
    steps: [
      { name: 'probe', weightPercent: 20, minCandidateSamples: 40 },
      { name: 'half', weightPercent: 50, minCandidateSamples: 40 },
    ],
    bakeSeconds: 1,
  },
  gates: [
    { name: 'accuracy', evaluation: { metric: 'accuracy', dataset }, min: 0.65, maxRegression: 0.15 },
    { name: 'errors', traffic: { metric: 'errorRate' }, max: 0.1, maxRegression: 0.1 },
  ],
};

/** Serves the latest version of `points`; candidates must prove themselves. */
export const modelDeployment = (name: string): KubeObject =>
  ({
    apiVersion,
    kind: 'ModelDeployment',
    metadata: { name },
    spec: {
      model: { name: 'points', track: 'Latest' },
      server: { replicas: 2, requestTimeoutSeconds: 1 },
      ...proving,
    },
  }) as KubeObject;
