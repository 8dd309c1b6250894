// The smallest manifest of each kind, and changes to it as a table writes them.
import { group, version } from '@sluice/crds/kind.ts';
import type { KubeObject } from '@sluice/operator/kube/objects.ts';

/** An object of one of our kinds before the apiserver has seen it. */
export type Manifest = KubeObject & { spec: Record<string, unknown> };

/** Values by path (`spec.data.features.0.type`); undefined removes the field. */
export type Changes = Readonly<Record<string, unknown>>;

export const digest = `sha256:${'ab'.repeat(32)}`;
export const otherDigest = `sha256:${'cd'.repeat(32)}`;
export const bundleUri = (model: string, of = digest) => `pvc://models/${model}/${of.replace(':', '-')}`;

const apiVersion = `${group}/${version}`;

/** Manifests that set only what has no default. */
export const minimal: Readonly<Record<string, Manifest>> = {
  TrainingJob: {
    apiVersion,
    kind: 'TrainingJob',
    metadata: { name: 'digits' },
    spec: {
      modelName: 'digits',
      data: {
        source: { persistentVolumeClaim: { claimName: 'datasets', path: 'digits/train.csv' } },
        format: 'CSV',
        target: 'label',
      },
      trainer: { builtin: { task: 'Classification', architecture: { type: 'MLP' } } },
      storage: { persistentVolumeClaim: { claimName: 'models' } },
    },
  },
  ModelVersion: {
    apiVersion,
    kind: 'ModelVersion',
    metadata: { name: 'digits-3' },
    spec: {
      modelName: 'digits',
      number: 3,
      bundle: { uri: bundleUri('digits'), digest, format: 'TFJSLayers' },
    },
  },
  ModelDeployment: {
    apiVersion,
    kind: 'ModelDeployment',
    metadata: { name: 'digits' },
    spec: { model: { name: 'digits', track: 'Latest' } },
  },
  ModelGateway: { apiVersion, kind: 'ModelGateway', metadata: { name: 'default' }, spec: {} },
};

/** A changed copy. @throws Error when a path leads through something that is neither object nor list. */
export function changed(manifest: Manifest, changes: Changes): Manifest {
  const copy = structuredClone(manifest);
  for (const [path, value] of Object.entries(changes)) setAt(copy, path.split('.'), value);
  return copy;
}

function setAt(container: unknown, [key = '', ...rest]: string[], value: unknown): void {
  if (typeof container !== 'object' || container === null) throw new Error(`nothing is there to hold ${key}`);
  if (rest.length > 0) setAt(Reflect.get(container, key), rest, value);
  else if (value === undefined) Reflect.deleteProperty(container, key);
  else Reflect.set(container, key, value);
}
