// Reads CSV as RFC 4180 has it: commas, double quotes, a header line; any line ends, also mixed. Nothing is tried out and
// nothing is guessed from the values: each is the text that stands there.
import { quoted } from '@sluice/model/data-error.ts';
import { fileFault } from './file-text.ts';
import type { Cell, FileRow, ParserSetting, RecordParser } from './record.ts';

const [comma, quote, lineFeed, carriageReturn] = [0x2c, 0x22, 0x0a, 0x0d];

/** A row of more characters is one whose quote does not end. */
const maxRowLength = 16 * 1024 * 1024;

/** The text ended within a row. */
const unfinished = Symbol('unfinished');

export class CsvParser implements RecordParser {
  names: readonly string[] = [];
  readonly #setting: ParserSetting;
  /** What was pushed and is not yet a whole row. */
  #text = '';
  /** Where the next row begins in it. */
  #start = 0;
  /** Where reading is in it. */
  #at = 0;
  /** Line of the next row. */
  #line = 1;
  /** Line of the character that is read. */
  #currentLine = 1;
  #isLast = false;

  constructor(setting: ParserSetting) {
    this.#setting = setting;
  }

  push(text: string): void {
    this.#text = this.#text.slice(this.#start) + text;
    this.#start = 0;
    this.#readRows();
    if (this.#text.length - this.#start > maxRowLength) throw this.#fault('a quoted value does not end', this.#line);
  }

  end(): void {
    this.#isLast = true;
    this.#readRows();
    if (this.names.length === 0) throw fileFault(this.#setting.source, 'it has no header line');
  }

  #readRows(): void {
    while (this.#start < this.#text.length) {
      this.#at = this.#start;
      this.#currentLine = this.#line;
      const cells = this.#readRow();
      if (cells === unfinished) return;
      const line = this.#line;
      this.#start = this.#at;
      this.#line = this.#currentLine;
      if (cells.length > 1 || (cells[0] ?? '').trim() !== '') this.#take({ line, cells });
    }
  }

  /** The row at `#at`, which goes behind its line end. */
  #readRow(): Cell[] | typeof unfinished {
    const cells: Cell[] = [];
    for (;;) {
      const cell = this.#text.charCodeAt(this.#at) === quote ? this.#readQuoted() : this.#readPlain();
      if (cell === unfinished) return unfinished;
      cells.push(cell);
      const end = this.#readEnd();
      if (end === unfinished) return unfinished;
      if (end === 'Row') return cells;
    }
  }

  #readPlain(): string {
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === comma || code === lineFeed || code === carriageReturn) break;
    }
    const cell = text.slice(this.#at, at);
    this.#at = at;
    return cell;
  }

  #readQuoted(): string | typeof unfinished {
    const text = this.#text;
    let from = this.#at + 1;
    for (;;) {
      const end = text.indexOf('"', from);
      if (end === -1 || (end + 1 === text.length && !this.#isLast)) return this.#open();
      if (text.charCodeAt(end + 1) !== quote) {
        const cell = text.slice(this.#at + 1, end);
        this.#at = end + 1;
        this.#currentLine += cell.split(/\r\n|\n|\r/).length - 1;
        return cell.includes('"') ? cell.replaceAll('""', '"') : cell;
      }
      from = end + 2;
    }
  }

  #open(): typeof unfinished {
    if (this.#isLast) throw this.#fault('a quoted value does not end', this.#currentLine);
    return unfinished;
  }

  /** Goes behind the comma or the line end. */
  #readEnd(): 'Cell' | 'Row' | typeof unfinished {
    const code = this.#text.charCodeAt(this.#at);
    if (Number.isNaN(code)) return this.#isLast ? 'Row' : unfinished;
    this.#at++;
    if (code === comma) return this.#at === this.#text.length && !this.#isLast ? unfinished : 'Cell';
    if (code === carriageReturn) {
      if (this.#at === this.#text.length && !this.#isLast) return unfinished;
      if (this.#text.charCodeAt(this.#at) === lineFeed) this.#at++;
    } else if (code !== lineFeed) {
      throw this.#fault('text follows a closing quote; write quotes inside of values twice', this.#currentLine);
    }
    this.#currentLine++;
    return 'Row';
  }

  #take(row: FileRow): void {
    if (this.names.length === 0) {
      this.names = this.#readHeader(row);
      return;
    }
    const { length } = this.names;
    if (row.cells.length !== length) {
      throw this.#fault(`it has ${row.cells.length} values, the header has ${length}`, row.line);
    }
    if (row.cells.every((cell, place) => cell?.trim() === this.names[place])) {
      throw this.#fault('it repeats the header', row.line);
    }
    this.#setting.onRow(row);
  }

  #readHeader({ line, cells }: FileRow): string[] {
    const names = cells.map((cell) => (cell ?? '').trim());
    const [only = ''] = names;
    const other = names.length === 1 ? /[;\t|]/.exec(only)?.[0] : undefined;
    if (other !== undefined)
      throw this.#fault(`it has ${other === '\t' ? 'tabs' : other} between values, not commas`, line);
    if (only.startsWith('{')) throw this.#fault('it is JSON, not CSV', line);
    const twice = names.findIndex((name, place) => name !== '' && names.indexOf(name) !== place);
    if (twice === -1) return names;
    const name = names[twice] ?? '';
    const places = `columns ${names.indexOf(name) + 1} and ${twice + 1}`;
    throw this.#fault(`the header has ${quoted(name)} twice (${places})`, line);
  }

  #fault(fault: string, line: number) {
    return fileFault(this.#setting.source, fault, line);
  }
}
