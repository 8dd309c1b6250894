// Columnar tables as a reader hands them over: numbers or texts, with one meaning of "missing" for each.
import { DataError, quoted } from './data-error.ts';
import { parseNumber } from './natural-order.ts';

/** Numbers; NaN is missing. */
export type NumberColumn = Float64Array;
/** Texts; null and '' are missing. Booleans are 'true' and 'false'. */
export type TextColumn = readonly (string | null)[];
export type Column = NumberColumn | TextColumn;

/** Columns of equal length by name, in the order of the file. */
export type Table = { readonly rows: number; readonly columns: ReadonlyMap<string, Column> };

/** Narrows a column (or any input values) to texts. */
export function isText(values: ArrayLike<number> | TextColumn): values is TextColumn {
  return Array.isArray(values);
}

/** Makes a table. Throws DataError when there are no rows or the columns differ in length. */
export function makeTable(columns: ReadonlyMap<string, Column>): Table {
  let rows = -1;
  for (const [name, column] of columns) {
    if (rows === -1) rows = column.length;
    if (column.length !== rows) {
      throw new DataError(`column ${quoted(name)} has ${column.length} rows, the columns before it have ${rows}`);
    }
  }
  if (rows <= 0) throw new DataError('the data has no rows; check spec.data.source and spec.data.format');
  return { rows, columns };
}

/** The column that a field of the spec names. Throws DataError with the columns there are. */
export function getColumn(table: Table, name: string, field: string): Column {
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  const names = [...table.columns.keys()].slice(0, 5).map(quoted).join(', ');
  throw new DataError(
    `${field} names column ${quoted(name)}, which the data lacks; it has ${table.columns.size}: ${names}`,
  );
}

/** The given rows of a column, in the given order. */
export function takeColumn(column: Column, rows: Int32Array): Column {
  if (isText(column)) return Array.from(rows, (row) => column[row] ?? null);
  const taken = new Float64Array(rows.length);
  for (let index = 0; index < rows.length; index++) taken[index] = column[rows[index] ?? 0] ?? Number.NaN;
  return taken;
}

/** A column as texts: numbers in their shortest form, missing ones null. */
export function textsOf(column: Column): (string | null)[] {
  if (isText(column)) return column.map((text) => (text === '' ? null : text));
  return Array.from(column, (value) => (Number.isNaN(value) ? null : String(value)));
}

/**
 * A column as finite numbers, NaN where missing; numeric text is parsed.
 * Throws DataError with the first row (from 1) that is not a number; `field` is the spec's field that wants numbers.
 */
export function numbersOf(column: Column, name: string, field: string): Float64Array {
  if (isText(column)) return Float64Array.from(column, (text, row) => numberOfText(text, { row, name, field }));
  for (let row = 0; row < column.length; row++) {
    if (Math.abs(column[row] ?? 0) === Number.POSITIVE_INFINITY)
      throw notANumber(String(column[row]), { row, name, field });
  }
  return column;
}

type Place = { row: number; name: string; field: string };

function numberOfText(text: string | null, place: Place): number {
  if (text === null || text === '') return Number.NaN;
  const value = parseNumber(text);
  if (value === undefined) throw notANumber(text, place);
  return value;
}

function notANumber(text: string, { row, name, field }: Place): DataError {
  return new DataError(
    `${field}: column ${quoted(name)} has ${quoted(text)} in row ${row + 1}, not a number; correct it, or leave it empty if missing`,
  );
}
