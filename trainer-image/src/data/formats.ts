// How DuckDB reads each format of data: one entry per format, and nothing else here knows which there are.
import type { DataFormat } from '@sluice/crds/formats.ts';

export type DescribedColumn = { readonly name: string; readonly type: 'DOUBLE' | 'VARCHAR' };

/** Two table functions for the file at `path`, as SQL. */
export type Reader = {
  /**
   * Finds names and types. Rows that cannot be read are skipped, because DuckDB would not say which they are; the reading
   * itself is strict and does.
   */
  toInfer(path: string): string;
  /** Reads the columns as they were described, in that order. */
  withTypes(path: string, columns: readonly DescribedColumn[]): string;
};

/** RFC 4180 with a header line. */
const csvDialect = `header = true, delim = ',', quote = '"', escape = '"', strict_mode = true, null_padding = false`;

export const readers: { readonly [Format in DataFormat]: Reader } = {
  /** Only numbers and text are told apart: a date or `TRUE` stays as it is written. */
  CSV: {
    toInfer: (path) =>
      `read_csv(${quoteText(path)}, ${csvDialect}, sample_size = -1, auto_type_candidates = ['DOUBLE', 'VARCHAR'], ignore_errors = true)`,
    withTypes: (path, columns) =>
      `read_csv(${quoteText(path)}, ${csvDialect}, auto_detect = false, columns = ${typesOf(columns)})`,
  },
  /** Nested values are read as their text. */
  JSONLines: {
    toInfer: (path) => `read_ndjson(${quoteText(path)}, sample_size = -1, maximum_depth = 2)`,
    withTypes: (path, columns) => `read_ndjson(${quoteText(path)}, auto_detect = false, columns = ${typesOf(columns)})`,
  },
};

function typesOf(columns: readonly DescribedColumn[]): string {
  return `{${columns.map(({ name, type }) => `${quoteText(name)}: '${type}'`).join(', ')}}`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
