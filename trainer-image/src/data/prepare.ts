// From columns to what an engine fits on: features and target fitted on the training part, every part encoded.
import type { TrainingJobSpec } from '@sluice/crds/v1alpha1/training-job.ts';
import { readBatch, takeRows } from '@sluice/model/batch.ts';
import { type Column, getColumn, type Table, takeColumn } from '@sluice/model/columns.ts';
import { resolveFeatures } from '@sluice/model/features.ts';
import type { FittedFeature, FittedTarget, Manifest } from '@sluice/model/manifest.ts';
import { encode, encodedWidth, fitFeatures } from '@sluice/model/preprocessing.ts';
import { profileFeatures, profileTarget } from '@sluice/model/profile.ts';
import { splitRows } from '@sluice/model/split.ts';
import { encodeTarget, fitBaseline, fitTarget } from '@sluice/model/target.ts';
import type { OutputKind, Part } from '../fitting/engine.ts';

/** Everything that fitting, evaluation and the bundle need to know about the data. */
export type PreparedData = {
  readonly features: FittedFeature[];
  readonly target: FittedTarget;
  readonly output: OutputKind;
  /** Shape of one encoded example. */
  readonly inputShape: number[];
  /** What a model without inputs would answer. */
  readonly baseline: number;
  readonly training: Part;
  readonly validation: Part;
  readonly test: Part;
  /** The test part's target as it is in the data. */
  readonly testTarget: Column;
  /** Rows of the test part that are equal to a row of the training part. */
  readonly testRowsInTraining: number;
  readonly profile: Manifest['profile'];
};

/** Splits, fits the preprocessing and encodes. Throws `DataError`. */
export function prepareData(table: Table, spec: TrainingJobSpec): PreparedData {
  const { data, trainer } = spec;
  const { task, architecture } = trainer.builtin;
  const resolved = resolveFeatures({ specs: data.features, table, target: data.target });
  const values = getColumn(table, data.target, 'spec.data.target');
  const split = splitRows(table, data.split);
  const target = fitTarget({ task, column: data.target, values, training: split.training });
  const all = readBatch(resolved, table);
  const trainingBatch = takeRows(all, split.training);
  const features = fitFeatures(resolved, trainingBatch);
  const trainingTarget = takeColumn(values, split.training);
  const encodePart = (rows: Int32Array): Part => ({
    rows: rows.length,
    inputs: encode(features, takeRows(all, rows)),
    targets: encodeTarget(target, takeColumn(values, rows)),
  });
  return {
    features,
    target,
    output: outputKind(target),
    inputShape: architecture.type === 'CNN' ? imageShape(features) : [encodedWidth(features)],
    baseline: fitBaseline(target, trainingTarget),
    training: encodePart(split.training),
    validation: encodePart(split.validation),
    test: encodePart(split.test),
    testTarget: takeColumn(values, split.test),
    testRowsInTraining: split.testRowsInTraining,
    profile: {
      rows: split.training.length,
      features: profileFeatures(features, trainingBatch),
      target: profileTarget(target, trainingTarget),
    },
  };
}

function outputKind(target: FittedTarget): OutputKind {
  return target.type === 'Classes'
    ? { type: 'Classes', count: target.classes.length }
    : { type: 'Value', deviation: target.deviation };
}

/** A CEL rule of the schema makes a CNN's only feature a Tensor. */
function imageShape(features: readonly FittedFeature[]): number[] {
  const [feature] = features;
  if (features.length !== 1 || feature?.type !== 'Tensor') {
    throw new Error('A CNN was asked for without exactly one Tensor feature; the schema should have refused that.');
  }
  return feature.shape;
}
