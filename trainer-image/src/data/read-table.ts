// Reads a data file into columns with DuckDB: numbers as Float64Array, everything else as text, never row objects.
import { types } from 'node:util';
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import type { Dataset } from '@sluice/crds/dataset.ts';
import type { DataFormat } from '@sluice/crds/formats.ts';
import { type Column, makeTable, type Table } from '@sluice/model/columns.ts';
import { explainReadError, isReadError } from './duckdb-messages.ts';
import { type DescribedColumn, readers } from './formats.ts';
import { type Growable, growableNumbers, growableTexts } from './growable.ts';
import type { SourceFile } from './source-file.ts';

/** How to read a file. */
export type ReadPlan = {
  readonly source: SourceFile;
  readonly format: DataFormat;
  /** Columns that stay text even if all their values are numbers: classes and categories, where `007` is not `7`. */
  readonly textColumns: ReadonlySet<string>;
  readonly temporaryDirectory: string;
  readonly alive: () => Promise<void>;
};

/** Columns that stay text: a classification's target and every feature that is called a Category. */
export function textColumnsOf(data: Dataset, task: 'Classification' | 'Regression'): Set<string> {
  const categories = (data.features ?? []).filter(({ type }) => type === 'Category');
  const names = categories.map((feature) => feature.column ?? feature.name);
  return new Set(task === 'Classification' ? [...names, data.target] : names);
}

/** Less than the scratch space of every pod that reads tables. */
const scratchSize = '768MiB';

/** Reads the whole file. Throws `DataError` with the line for a row that cannot be read. */
export async function readTable(plan: ReadPlan): Promise<Table> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1', // one thread keeps the rows in file order at no cost in memory; training, not reading, takes the time
    temp_directory: plan.temporaryDirectory,
    max_temp_directory_size: scratchSize, // more than the volume takes would have the kubelet evict the pod
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    return makeTable(await readColumns(connection, plan));
  } catch (cause) {
    if (!types.isNativeError(cause) || !isReadError(cause.message)) throw cause;
    throw explainReadError(plan.source.field, cause);
  } finally {
    instance.closeSync();
  }
}

async function readColumns(connection: DuckDBConnection, plan: ReadPlan): Promise<Map<string, Column>> {
  const { format, source } = plan;
  const columns = await describeColumns(connection, plan);
  const result = await connection.stream(`SELECT * FROM ${readers[format].withTypes(source.path, columns)}`);
  const growing: Growable[] = columns.map(({ type }) => (type === 'DOUBLE' ? growableNumbers() : growableTexts()));
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    appendChunk(growing, chunk);
    await plan.alive();
  }
  return new Map(columns.map(({ name }, place) => [name, finishColumn(growing, place)]));
}

function finishColumn(growing: readonly Growable[], place: number): Column {
  const column = growing[place];
  if (column === undefined) throw new Error(`Column ${place} was described but not read.`);
  return column.finish();
}

function appendChunk(growing: readonly Growable[], chunk: DuckDBDataChunk): void {
  growing.forEach((column, place) => {
    const vector = chunk.getColumnVector(place);
    for (let row = 0; row < chunk.rowCount; row++) column.append(vector.getItem(row));
  });
}

const numericType =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL.*)$/;

/** Names in file order, and what each is read as; DuckDB looks at every row to tell. */
async function describeColumns(connection: DuckDBConnection, plan: ReadPlan): Promise<DescribedColumn[]> {
  const described = await connection.runAndReadAll(
    `DESCRIBE SELECT * FROM ${readers[plan.format].toInfer(plan.source.path)}`,
  );
  return described.getRows().map((row) => {
    const name = String(row[0]);
    return { name, type: !plan.textColumns.has(name) && numericType.test(String(row[1])) ? 'DOUBLE' : 'VARCHAR' };
  });
}
