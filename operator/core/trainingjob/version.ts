// Makes the ModelVersion of a job that succeeded: its number and its lineage.
import { group, version } from '@sluice/crds/kind.ts';
import type { ModelVersionSpec } from '@sluice/crds/v1alpha1/model-version.ts';
import { commonLabels, labels, versionName } from '../names.ts';
import type { Manifest } from '../plan.ts';
import type { ObservedVersion, TrainingJobObserved } from './observed.ts';
import type { Facts } from './turn.ts';

/** The version that this job made: known by the job's uid, never by its name. */
export const ownVersion = ({ trainingJob, versions }: TrainingJobObserved): ObservedVersion | undefined =>
  versions.find(({ spec }) => spec.lineage.trainingJob?.uid === trainingJob.metadata.uid);

/** The number that the next version of the model has: numbers count up and are not reused while any is there. */
export const nextNumber = ({ versions }: Pick<TrainingJobObserved, 'versions'>): number =>
  Math.max(0, ...versions.map(({ spec }) => spec.number)) + 1;

/** The next version, or undefined while the facts name no bundle. It has no owner: it outlives the job. */
export function versionManifest(observed: TrainingJobObserved, facts: Facts): Manifest | undefined {
  if (facts.bundle === undefined) return undefined;
  const { trainingJob } = observed;
  const { image, specDigest, ...files } = facts.bundle;
  const { modelName } = trainingJob.spec;
  const number = nextNumber(observed);
  const spec: ModelVersionSpec = {
    modelName,
    number,
    bundle: files,
    lineage: lineage(observed, facts, { image, specDigest }),
    ...(facts.metrics === undefined ? {} : { metrics: facts.metrics }),
  };
  return {
    apiVersion: `${group}/${version}`,
    kind: 'ModelVersion',
    metadata: {
      name: versionName(modelName, number),
      namespace: trainingJob.metadata.namespace,
      labels: { ...commonLabels('trainer'), [labels.trainingJob]: trainingJob.metadata.name },
    },
    spec,
  };
}

function lineage(
  observed: TrainingJobObserved,
  facts: Facts,
  origin: { readonly image: string; readonly specDigest: string },
): ModelVersionSpec['lineage'] {
  const { metadata, spec } = observed.trainingJob;
  const parent = observed.versions.toSorted((a, b) => b.spec.number - a.spec.number)[0]?.metadata.name;
  return {
    trainingJob: { name: metadata.name, uid: metadata.uid },
    ...(facts.data === undefined ? {} : { dataDigest: facts.data.digest, dataRows: facts.data.rows }),
    ...origin,
    ...(facts.accelerator === undefined ? {} : { accelerator: facts.accelerator }),
    seed: spec.seed,
    ...(parent === undefined ? {} : { parent }),
    trigger: 'Manual',
  };
}
