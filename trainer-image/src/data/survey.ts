// Counts what the columns of a file hold, in one pass that keeps no rows: what each column is, is decided on these counts.
import type { Cell, FileRow } from './parsing/record.ts';
import { hasLeadingZero, isOtherNotation, losesDigits, type ValueReader } from './values.ts';

/** More different values than this are not told apart. */
const maxDistinct = 300;
const maxExamples = 2;

/** A value and where it stands. */
export type Example = { readonly line: number; readonly text: string };

/** What one column holds. */
export class ColumnSurvey {
  numbers = 0;
  /** Numbers in a notation that is not ours. */
  notations = 0;
  words = 0;
  /** Numbers that are rather codes: with a zero in front, or with digits that a double does not hold. */
  codes = 0;
  sum = 0;
  /** The first value that is missing. */
  missing: Example | undefined;
  /** The first values that are no numbers. */
  readonly examples: Example[] = [];
  readonly #distinctNumbers = new Set<number>();
  readonly #distinctWords = new Set<string>();

  get present(): number {
    return this.numbers + this.notations + this.words;
  }

  /** Up to a limit. */
  get distinctNumbers(): number {
    return this.#distinctNumbers.size;
  }

  get distinctWords(): number {
    return this.#distinctWords.size;
  }

  addNumber(text: string, value: number): void {
    this.numbers++;
    this.sum += value;
    if (hasLeadingZero(text) || losesDigits(text, value)) this.codes++;
    if (this.#distinctNumbers.size < maxDistinct) this.#distinctNumbers.add(value);
  }

  addText(text: string, line: number): void {
    if (isOtherNotation(text)) this.notations++;
    else this.words++;
    if (this.examples.length < maxExamples) this.examples.push({ line, text });
    if (this.#distinctWords.size < maxDistinct) this.#distinctWords.add(text);
  }
}

/** What all rows of a file hold. */
export class Survey {
  readonly columns: ColumnSurvey[] = [];
  rows = 0;
  last: FileRow | undefined;
  #firstLine = 1;
  readonly #values: ValueReader;

  constructor(values: ValueReader) {
    this.#values = values;
  }

  add(row: FileRow): void {
    this.rows++;
    this.last = row;
    if (this.rows === 1) this.#firstLine = row.line;
    const { cells, line } = row;
    for (let place = 0; place < cells.length; place++) this.#addCell(this.#column(place), cells[place] ?? null, line);
  }

  /** A column that begins later is missing in the first row. */
  #column(place: number): ColumnSurvey {
    const known = this.columns[place];
    if (known !== undefined) return known;
    const column = new ColumnSurvey();
    if (this.rows > 1) column.missing = { line: this.#firstLine, text: '' };
    this.columns[place] = column;
    return column;
  }

  #addCell(column: ColumnSurvey, cell: Cell, line: number): void {
    const value = this.#values.numberOf(cell);
    if (value !== undefined) column.addNumber(cell ?? '', value);
    else if (this.#values.isMissing(cell)) column.missing ??= { line, text: cell ?? '' };
    else column.addText(cell ?? '', line);
  }
}
