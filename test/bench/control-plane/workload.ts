// The objects of the benchmark: TrainingJobs, and plain Jobs whose pods are the very pods of TrainingJobs.

import { group, version } from '@sluice/crds/kind.ts';
import { noPodDefaults } from '@sluice/crds/pod-defaults.ts';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { attemptJob } from '@sluice/operator/core/trainingjob/job.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';

export const claimName = 'models';

/** Namespaces, one for each kind of load, so that it is clear whose pod is whose. */
export const namespaces = { plain: 'bench-plain', training: 'bench-training' } as const;

/** `count` names of a crowd: `<prefix>-0`, `<prefix>-1`, … */
export const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

const spec = (modelName: string) => ({
  modelName,
  data: {
    source: { persistentVolumeClaim: { claimName, path: 'digits/train.csv' } },
    format: 'CSV',
    target: 'label',
    features: [{ name: 'pixels', type: 'Tensor', columns: 'p*', shape: [28, 28, 1] }],
  },
  trainer: { builtin: { task: 'Classification', architecture: { type: 'MLP', hiddenUnits: [32] }, epochs: 6 } },
  resources: { cpu: '100m', memory: '128Mi' },
  storage: { persistentVolumeClaim: { claimName } },
});

/** A TrainingJob as a person writes it, for a model of its own. */
export const trainingJob = (name: string): KubeObject & { spec: object } => ({
  apiVersion: `${group}/${version}`,
  kind: 'TrainingJob',
  metadata: { name, namespace: namespaces.training },
  spec: spec(name),
});

/** What a person would run without Sluice: the same pod in a Job of its own, without the labels that the operator looks for. */
export function plainJob(name: string): KubeObject {
  const owner = {
    metadata: { name, namespace: namespaces.plain, uid: name, generation: 1, creationTimestamp: '' },
    spec: trainingJobSpecSchema.parse(spec(name)),
    status: undefined,
  };
  const settings = {
    trainerImage: 'ghcr.io/sluice-dev/trainer:0.1.0',
    imagePullPolicy: 'IfNotPresent',
    podDefaults: noPodDefaults,
    podUser: 'Fixed',
  } as const;
  const { spec: jobSpec } = attemptJob(owner, 1, settings) as unknown as JobManifest;
  const metadata = { name, namespace: namespaces.plain, labels: { 'bench/plain': 'true' } };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: { ...jobSpec, template: { ...jobSpec.template, metadata: { labels: metadata.labels } } },
  } as KubeObject;
}

type JobManifest = { readonly spec: { readonly template: object } };

/** A volume and the claim that is bound to it, in a namespace. */
export const claimObjects = (namespace: string): object[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: namespace },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      storageClassName: 'manual',
      hostPath: { path: '/nowhere' },
      claimRef: { namespace, name: claimName },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claimName, namespace },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: 'manual',
      resources: { requests: { storage: '1Gi' } },
      volumeName: namespace,
    },
  },
];

/** A node that kwok takes for its own. */
export const node = (name: string): object => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
