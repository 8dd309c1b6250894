// Trains on a public table with the trainer's own code, from the file to the metrics of the test part.
import { createHash } from 'node:crypto';
import { type TrainingJobSpec, trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import type { Table } from '@sluice/model/columns.ts';
import type { BundleMetric } from '@sluice/model/manifest.ts';
import { evaluate } from '@sluice/model/metrics.ts';
import { splitRows } from '@sluice/model/split.ts';
import { prepareData } from '@sluice/trainer/data/prepare.ts';
import { readTable } from '@sluice/trainer/data/read-table.ts';
import { openSource } from '@sluice/trainer/data/source-file.ts';
import type { Engine, FitWatch } from '@sluice/trainer/fitting/engine.ts';
import { fileOf, type PublicTable } from './tables.ts';

/** The penalty of all models: with it the optimum is one point, which both sides can find. */
export const l2 = 0.005;

/** Every step sees all rows, so that the weights come to rest at the optimum. */
export const fitting = { epochs: 500, batchSize: 65_536, optimizer: { type: 'Momentum', learningRate: 0.3 } } as const;

/** Until the weights rest, or as a TrainingJob that says nothing of it. */
export type Fitting = 'Rested' | 'Defaults';

/** The TrainingJob of a table, parted by a seed. */
export function specOf(table: PublicTable, seed: number, how: Fitting = 'Rested'): TrainingJobSpec {
  const source = { persistentVolumeClaim: { claimName: 'datasets', path: fileOf(table) } };
  const type = table.task === 'Regression' ? 'Linear' : 'Logistic';
  const { task } = table;
  const said = how === 'Rested' ? { architecture: { type, l2 }, ...fitting } : { architecture: { type } };
  return trainingJobSpecSchema.parse({
    modelName: 'table',
    data: { source, format: 'CSV', target: table.target, split: { validationPercent: 0, testPercent: 20, seed } },
    trainer: { builtin: { task, ...said } },
    storage: { persistentVolumeClaim: { claimName: 'models' } },
  });
}

const alive = async () => {};
const watch: FitWatch = { alive, afterStep: async () => 'Continue' };

/** Reads the table from the folder that it was unpacked into. */
export async function readPublicTable(table: PublicTable, directory: string): Promise<Table> {
  const { data } = specOf(table, 0);
  const source = await openSource(directory, data, alive);
  return readTable({ ...data, source, task: table.task, features: data.features, missing: data.missing, alive });
}

export type TestPart = { readonly seed: number; readonly test: readonly number[]; readonly digest: string };

/** The rows of the test part, and a digest by which others are recognised. */
export function testPartOf(table: PublicTable, read: Table, seed: number): TestPart {
  const test = [...splitRows(read, specOf(table, seed).data.split).test];
  return { seed, test, digest: createHash('sha256').update(test.join()).digest('hex').slice(0, 16) };
}

/** The test metrics of one split. */
export async function trainOn(
  table: PublicTable,
  how: Fitting,
  { read, engine, seed }: { readonly read: Table; readonly engine: Engine; readonly seed: number },
): Promise<readonly BundleMetric[]> {
  const spec = specOf(table, seed, how);
  const data = prepareData(read, spec);
  const { builtin } = spec.trainer;
  const network = await engine.fit({ builtin, seed, ...data, resumeFrom: undefined, watch });
  if (network === undefined) throw new Error('A fit that nobody stops ended without a network.');
  const output = await network.predict(data.test.inputs, data.test.rows);
  const { target, baseline, testTarget } = data;
  return evaluate({ target, baseline, actual: testTarget, output, split: 'test' }).metrics;
}
