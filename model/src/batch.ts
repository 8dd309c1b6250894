// A batch of named inputs: the form in which training rows and serving requests meet, before anything is encoded.
import { getColumn, isText, numbersOf, type Table, type TextColumn, textsOf } from './columns.ts';
import { featureField, type ResolvedFeature } from './features.ts';

/** Number: Float64Array [rows]. Category: texts [rows]. Tensor: Float32Array [rows × product of its shape], row by row. NaN and null are missing. */
export type InputValues = Float64Array | Float32Array | TextColumn;

/** The inputs of `rows` examples by feature name. */
export type Batch = { readonly rows: number; readonly inputs: ReadonlyMap<string, InputValues> };

/**
 * Reads the inputs of features (resolved or fitted) out of a table's columns.
 * Throws DataError for a missing column and, with the row, for a value that is not a number where one is needed.
 */
export function readBatch(features: readonly ResolvedFeature[], table: Table): Batch {
  return { rows: table.rows, inputs: new Map(features.map((feature) => [feature.name, readInput(feature, table)])) };
}

function readInput(feature: ResolvedFeature, table: Table): InputValues {
  const field = featureField(feature.name);
  if (feature.type === 'Tensor') return readTensor(feature.columns, table, field);
  const column = getColumn(table, feature.column, field);
  return feature.type === 'Number' ? numbersOf(column, feature.column, field) : textsOf(column);
}

/** Rounds to single precision here, as the FP32 input of a request is, so that both are encoded from the same numbers. */
function readTensor(columns: readonly string[], table: Table, field: string): Float32Array {
  const width = columns.length;
  const values = new Float32Array(table.rows * width);
  for (const [place, name] of columns.entries()) {
    const column = numbersOf(getColumn(table, name, field), name, field);
    for (let row = 0; row < table.rows; row++) values[row * width + place] = column[row] ?? Number.NaN;
  }
  return values;
}

/** The given rows of a batch, in the given order. */
export function takeRows(batch: Batch, rows: Int32Array): Batch {
  const taken = [...batch.inputs].map(([name, values]): [string, InputValues] => {
    return [name, isText(values) ? takeTexts(values, rows) : takeNumbers(values, rows, values.length / batch.rows)];
  });
  return { rows: rows.length, inputs: new Map(taken) };
}

const takeTexts = (values: TextColumn, rows: Int32Array) => Array.from(rows, (row) => values[row] ?? null);

function takeNumbers(
  values: Float64Array | Float32Array,
  rows: Int32Array,
  width: number,
): Float64Array | Float32Array {
  const size = rows.length * width;
  const taken = values.BYTES_PER_ELEMENT === 4 ? new Float32Array(size) : new Float64Array(size);
  for (let index = 0; index < rows.length; index++) {
    const start = (rows[index] ?? 0) * width;
    taken.set(values.subarray(start, start + width), index * width);
  }
  return taken;
}
