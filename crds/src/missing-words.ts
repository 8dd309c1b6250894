// The words that stand for a value that is not there, unless a dataset names its own: what programs write that export tables.

/** An empty cell is missing too, whatever the list is. */
export const missingWords: readonly string[] = [
  // R, pandas, polars, Python
  ...['NA', '<NA>', 'N/A', 'NaN', 'nan', '-nan', '-NaN', 'NaT', 'None', 'null', 'NULL', 'Null'],
  // what people type
  ...['na', 'n/a', 'N.A.', 'n.a.', '-', '--', '–', '—'],
  // Weka, SAS, SQL
  ...['?', '.', '\\N', '(null)', '[null]', '<null>'],
  // Excel, C
  ...['#N/A', '#NA', '#N/A N/A', '#NULL!', '#DIV/0!', '#VALUE!', '#REF!', '#NAME?', '#NUM!'],
  ...['1.#IND', '-1.#IND', '1.#QNAN', '-1.#QNAN'],
];
