// Makes the ModelVersion of a job that succeeded: its number and its lineage.
import { group, version } from '@sluice/crds/kind.ts';
import type { ModelVersionSpec } from '@sluice/crds/v1alpha1/model-version.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { commonLabels, labels, versionName } from '../names.ts';
import type { Manifest } from '../plan.ts';
import type { ObservedVersion, TrainingJobObserved } from './observed.ts';

/** The version that this job made: known by the job's uid, never by its name. */
export const ownVersion = ({ trainingJob, versions }: TrainingJobObserved): ObservedVersion | undefined =>
  versions.find(({ spec }) => spec.lineage.trainingJob?.uid === trainingJob.metadata.uid);

/** The name that the next version of the model would have: numbers count up and are not reused while any is there. */
export function nextVersionName({ trainingJob, versions }: TrainingJobObserved): string {
  return versionName(trainingJob.spec.modelName, Math.max(0, ...versions.map(({ spec }) => spec.number)) + 1);
}

export const isNameTaken = ({ versions }: TrainingJobObserved, name: string): boolean =>
  versions.some(({ metadata }) => metadata.name === name);

/** The manifest, or undefined while the status does not hold all of it. It has no owner: it outlives the job. */
export function versionManifest(observed: TrainingJobObserved, status: TrainingJobStatus): Manifest | undefined {
  const { trainingJob } = observed;
  const { modelVersion: name, bundle } = status;
  if (name === undefined || bundle === undefined) return undefined;
  const { image, specDigest, ...files } = bundle;
  const { modelName } = trainingJob.spec;
  const number = Number(name.slice(modelName.length + 1));
  const spec: ModelVersionSpec = {
    modelName,
    number,
    bundle: files,
    lineage: lineage(observed, status, { image, specDigest }),
    ...(status.metrics === undefined ? {} : { metrics: status.metrics }),
  };
  return {
    apiVersion: `${group}/${version}`,
    kind: 'ModelVersion',
    metadata: {
      name,
      namespace: trainingJob.metadata.namespace,
      labels: { ...commonLabels('trainer'), [labels.trainingJob]: trainingJob.metadata.name },
    },
    spec,
  };
}

function lineage(
  observed: TrainingJobObserved,
  status: TrainingJobStatus,
  origin: { readonly image: string; readonly specDigest: string },
): ModelVersionSpec['lineage'] {
  const { metadata, spec } = observed.trainingJob;
  const parent = observed.versions.toSorted((a, b) => b.spec.number - a.spec.number)[0]?.metadata.name;
  return {
    trainingJob: { name: metadata.name, uid: metadata.uid },
    ...(status.data === undefined ? {} : { dataDigest: status.data.digest, dataRows: status.data.rows }),
    ...origin,
    ...(status.accelerator === undefined ? {} : { accelerator: status.accelerator }),
    seed: spec.seed,
    ...(parent === undefined ? {} : { parent }),
    trigger: 'Manual',
  };
}
