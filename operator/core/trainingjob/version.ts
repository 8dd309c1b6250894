// Makes the ModelVersion of a job that succeeded: its number and its lineage.
import { group, version } from '@sluice/crds/kind.ts';
import { highestNumber, type ModelVersionSpec } from '@sluice/crds/v1alpha1/model-version.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { commonLabels, labels, versionName } from '../names.ts';
import { numbersChild } from '../numbers/manifest.ts';
import { highestKey, numbersName, readNumbers, withGiven } from '../numbers/numbers.ts';
import type { Child, Manifest } from '../plan.ts';
import type { ObservedVersion, TrainingJobObserved } from './observed.ts';
import type { Facts } from './turn.ts';

/** What the job's pod reported of its bundle. */
export type Bundle = NonNullable<TrainingJobStatus['bundle']>;

/**
 * The version that this job made: it names the job's uid, which anybody can write, and it has the number that was given to
 * this job for these bytes, or it is the very bundle that the job's pod reported.
 */
export function ownVersion(observed: TrainingJobObserved, bundle: Bundle | undefined): ObservedVersion | undefined {
  const { uid } = observed.trainingJob.metadata;
  const given = readNumbers(observed.numbers)?.given ?? [];
  return observed.versions.find(({ spec }) => {
    const { digest, uri } = spec.bundle;
    const isGiven = given.some(
      (each) => each.number === spec.number && each.digest === digest && each.trainingJob === uid,
    );
    const isReported = digest === bundle?.digest && uri === bundle.uri;
    return spec.lineage.trainingJob?.uid === uid && (isGiven || isReported);
  });
}

/** The name that a job publishes under, or why it cannot be had yet. */
export type Naming =
  | { readonly type: 'Given'; readonly number: number }
  /** `numbers` are to be written down first. */
  | { readonly type: 'Free'; readonly numbers: Child }
  | { readonly type: 'Refused'; readonly reason: 'NumbersExhausted' | 'NumbersUnreadable'; readonly message: string };

/** The number that was given to the job for this bundle, unless somebody else has made a version of it since; else the next. */
export function numberFor(observed: TrainingJobObserved, { digest }: Pick<Bundle, 'digest'>): Naming {
  const { trainingJob, versions, numbers: read } = observed;
  const { metadata, spec } = trainingJob;
  const known = readNumbers(read);
  const refusal = numbersRefused(observed);
  const isTaken = (number: number) => versions.some((each) => each.spec.number === number);
  const given = known?.given.find(
    (each) => each.trainingJob === metadata.uid && each.digest === digest && !isTaken(each.number),
  );
  if (given !== undefined) return { type: 'Given', number: given.number };
  if (known === undefined || refusal !== undefined)
    return { type: 'Refused', ...(refusal ?? unreadable(spec.modelName)) };
  const one = { number: nextNumber(observed), digest, trainingJob: metadata.uid };
  const of = { model: spec.modelName, namespace: metadata.namespace, observed: read, trainingJob: metadata.name };
  return { type: 'Free', numbers: numbersChild(of, withGiven(known, one)) };
}

/** Why the model can have no further version, if it cannot. */
export function numbersRefused(observed: TrainingJobObserved): Omit<Naming & { type: 'Refused' }, 'type'> | undefined {
  const { modelName } = observed.trainingJob.spec;
  if (readNumbers(observed.numbers) === undefined) return unreadable(modelName);
  if (nextNumber(observed) <= highestNumber) return undefined;
  const message = `model ${modelName} has used number ${highestNumber}, the last one. Create a TrainingJob with another modelName.`;
  return { reason: 'NumbersExhausted', message };
}

const unreadable = (modelName: string) => ({
  reason: 'NumbersUnreadable' as const,
  message: `${highestKey} in ConfigMap ${numbersName(modelName)} is no number. Set it to the highest that was ever given, or delete the ConfigMap.`,
});

/** The number that the next version of the model has: above all that were given, and all that are there. */
export const nextNumber = ({ versions, numbers }: Pick<TrainingJobObserved, 'versions' | 'numbers'>): number =>
  versions.reduce((highest, { spec }) => Math.max(highest, spec.number), readNumbers(numbers)?.highest ?? 0) + 1;

/** The version of that number. It has no owner: it outlives the job. */
export function versionManifest(
  observed: TrainingJobObserved,
  facts: Facts & { readonly bundle: Bundle },
  number: number,
): Manifest {
  const { trainingJob } = observed;
  const { image, specDigest, ...files } = facts.bundle;
  const { modelName } = trainingJob.spec;
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

function dataOf({ data }: Facts): Partial<ModelVersionSpec['lineage']> {
  if (data === undefined) return {};
  const { digest, rows, testRowsInTraining } = data;
  return {
    ...{ dataDigest: digest, dataRows: rows },
    ...(testRowsInTraining === undefined ? {} : { testRowsInTraining }),
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
    ...dataOf(facts),
    ...origin,
    ...(facts.accelerator === undefined ? {} : { accelerator: facts.accelerator }),
    seed: spec.seed,
    ...(parent === undefined ? {} : { parent }),
    trigger: 'Manual',
  };
}
