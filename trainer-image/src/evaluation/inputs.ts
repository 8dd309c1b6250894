// Turns rows of the holdout into inference requests: the tensors that the model itself asks for, out of the columns that
// the dataset names for them. Nothing is fitted or scaled here; the server does that.
import type { EvaluationOrder } from '@sluice/crds/evaluation-contract.ts';
import { type InputValues, readBatch } from '@sluice/model/batch.ts';
import type { Table } from '@sluice/model/columns.ts';
import { DataError, quoted } from '@sluice/model/data-error.ts';
import { type FeatureSpec, resolveFeatures } from '@sluice/model/features.ts';
import type { InputSignature } from './metadata.ts';

type Dataset = EvaluationOrder['dataset'];

/** Makes the body of the request for these rows, counted from 0. */
export type RequestWriter = (rows: readonly number[]) => string;

/** The features that feed these inputs. */
export const featuresFor = (inputs: readonly InputSignature[], dataset: Dataset): FeatureSpec[] =>
  inputs.map((input) => specFor(input, dataset));

/**
 * A writer of requests for a model with these inputs and this output. An input is fed from the feature of its name in
 * `dataset.features`, else from the column of its name. Throws DataError when there is none, or its values do not fit.
 */
export function makeRequestWriter(
  { inputs, output }: { readonly inputs: readonly InputSignature[]; readonly output: string },
  table: Table,
  dataset: Dataset,
): RequestWriter {
  const specs = featuresFor(inputs, dataset);
  const batch = readBatch(resolveFeatures({ specs, table, target: dataset.target }), table);
  const tensors = inputs.map((input) => tensorOf(input, batch.inputs.get(input.name), table.rows));
  const outputs = [{ name: output }];
  return (asked) => JSON.stringify({ inputs: tensors.map((tensor) => tensor(asked)), outputs });
}

/** Elements in a request: as JSON they take about half of the bytes that a server takes by default. */
const elementsPerRequest = 200_000;

/** Most rows in a request about these inputs, at least one. */
export function rowsPerRequest(inputs: readonly InputSignature[], batchRows: number): number {
  const width = inputs.reduce((sum, { shape }) => sum + shape.slice(1).reduce((size, length) => size * length, 1), 0);
  return Math.max(1, Math.min(batchRows, Math.floor(elementsPerRequest / width)));
}

/** The dataset says which columns, the model which type and shape: the server will take no other. */
function specFor({ name, datatype, shape }: InputSignature, { features }: Dataset): FeatureSpec {
  const given = features?.find((feature) => feature.name === name);
  if (given?.type === 'Tensor') return { ...given, shape: shape.slice(1) };
  if (shape.length > 1) {
    throw new DataError(
      `dataset.features: the model's input ${quoted(name)} has shape [${shape.slice(1)}]; add a Tensor of this name with its columns.`,
    );
  }
  return { name, type: datatype === 'BYTES' ? 'Category' : 'Number', column: given?.column };
}

function tensorOf({ name, datatype, shape }: InputSignature, values: InputValues | undefined, rows: number) {
  if (values === undefined) throw new Error(`Input ${name} was resolved but not read.`);
  const width = values.length / rows;
  return (asked: readonly number[]) => ({
    name,
    datatype,
    shape: [asked.length, ...shape.slice(1)],
    // NaN, a missing number, becomes null in JSON, which is what the server takes for it.
    data: asked.flatMap((row) => Array.from<number | string | null>(values.slice(row * width, (row + 1) * width))),
  });
}
