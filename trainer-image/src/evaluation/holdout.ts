// Reads the holdout: the pinned bytes, with every column as the models' inputs want it, and a target in every row.
import type { EvaluationOrder } from '@sluice/crds/evaluation-contract.ts';
import { getColumn, numbersOf, type Table, textsOf } from '@sluice/model/columns.ts';
import { DataError, quoted } from '@sluice/model/data-error.ts';
import type { FeatureSpec } from '@sluice/model/features.ts';
import { readTable } from '../data/read-table.ts';
import { checkUnchanged, openSource, type SourceFile } from '../data/source-file.ts';
import type { Task } from './metadata.ts';

/** The target of every row. */
export type Target =
  | { readonly type: 'Labels'; readonly labels: readonly string[] }
  | { readonly type: 'Values'; readonly values: Float64Array };

export type Holdout = {
  readonly table: Table;
  readonly target: Target;
  readonly record: { readonly digest: string; readonly rows: number; readonly bytes: number };
};

export type HoldoutPlan = {
  readonly dataset: EvaluationOrder['dataset'];
  readonly task: Task;
  /** What the models take. */
  readonly features: readonly FeatureSpec[];
  readonly dataDirectory: string;
  readonly signal: AbortSignal;
};

/** Throws `DataError` when the file is missing, is another one than the digest pins, or has rows without a target. */
export async function readHoldout({ dataset, task, features, dataDirectory, signal }: HoldoutPlan): Promise<Holdout> {
  const alive = async () => signal.throwIfAborted();
  const source = await openSource(dataDirectory, { source: dataset.source }, alive);
  checkDigest(source, dataset.digest);
  const table = await readTable({
    ...dataset,
    source,
    task,
    features,
    missing: dataset.missing,
    alive,
  });
  await checkUnchanged(source);
  const record = { digest: source.digest, rows: table.rows, bytes: source.bytes };
  return { table, target: readTarget(table, dataset.target, task), record };
}

function checkDigest({ digest }: SourceFile, wanted: string | undefined): void {
  if (wanted === undefined || wanted === digest) return;
  const shown = (text: string) => `${text.slice(0, 'sha256:'.length + 16)}…`;
  throw new DataError(
    `dataset.digest wants ${shown(wanted)}, the file has ${shown(digest)}: restore the file, or pin its digest.`,
  );
}

function readTarget(table: Table, name: string, task: Task): Target {
  const field = 'dataset.target';
  const column = getColumn(table, name, field);
  if (task === 'Regression') {
    const values = numbersOf(column, name, field);
    refuseMissing(values.findIndex(Number.isNaN), name);
    return { type: 'Values', values };
  }
  const texts = textsOf(column);
  refuseMissing(texts.indexOf(null), name);
  return { type: 'Labels', labels: texts.map((text) => text ?? '') };
}

function refuseMissing(row: number, name: string): void {
  if (row === -1) return;
  throw new DataError(
    `dataset.target: column ${quoted(name)} is empty in row ${row + 1}; remove the row or fill it in.`,
  );
}
