// The part of a spec that can change a model, as one digest: equal digest and equal data give an equal bundle.
import type { TrainingJobSpec } from '@sluice/crds/v1alpha1/training-job.ts';
import { digestOf } from '@sluice/model/digest.ts';
import { splitVersion } from '@sluice/model/split.ts';
import { readingVersion } from '../data/read-table.ts';
import { threadsOf } from './threads.ts';

/**
 * Left out is what only says where things are and how long they may take: names, source, storage, checkpoints, deadlines,
 * retries, scheduling. The number of threads is in, because it decides in which order sums are added.
 */
export function specDigest(spec: TrainingJobSpec): string {
  const { target, features, split, format, missing } = spec.data;
  return digestOf({
    data: { target, features, split: { ...split, version: splitVersion }, format, missing, reading: readingVersion },
    trainer: spec.trainer,
    seed: spec.seed,
    threads: threadsOf(spec.resources.cpu),
  });
}
