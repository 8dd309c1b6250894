// Reads JSON Lines: an object a line. A number is the number, however it is written; nested values are their JSON.
import { quoted } from '@sluice/model/data-error.ts';
import { fileFault } from './file-text.ts';
import type { Cell, ParserSetting, RecordParser } from './record.ts';

/** Longer lines are no rows of a table. */
const maxLineLength = 16 * 1024 * 1024;

/** At the very end a carriage return may be half of one. */
const lineEnd = /\r\n|\n|\r(?!$)/;

/** Digits that a double may not hold. */
const manyDigits = /\d{16}/;

/** A program that writes a key twice does so in every line. */
const linesWithKeysCounted = 1000;
const stringAndColon = /"((?:[^"\\]|\\.)*)"(\s*:)?/g;

/** Words that programs write where a number is not finite, which JSON does not have. */
const noJson = /[:[,]\s*(-?Infinity|NaN|nan|None|undefined|True|False)\b/;

export class JsonLinesParser implements RecordParser {
  readonly #setting: ParserSetting;
  readonly #places = new Map<string, number>();
  /** Keys in small letters with the form that came first. */
  readonly #forms = new Map<string, string>();
  #rest = '';
  #line = 0;
  names: string[] = [];

  constructor(setting: ParserSetting) {
    this.#setting = setting;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split(lineEnd);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
    if (this.#rest.length > maxLineLength) throw this.#fault('it is too long', this.#line + 1);
  }

  end(): void {
    this.#take(this.#rest);
    this.#rest = '';
  }

  #take(line: string): void {
    this.#line++;
    if (line.trim() === '') return;
    const cells: Cell[] = new Array<Cell>(this.names.length).fill(null);
    const entries = Object.entries(this.#parse(line));
    if (this.#line <= linesWithKeysCounted) this.#refuseTwice(line, entries.length);
    for (const [key, value] of entries) cells[this.#placeOf(key)] = cellOf(value);
    this.#setting.onRow({ line: this.#line, cells });
  }

  #parse(line: string): object {
    let value: unknown;
    try {
      value = manyDigits.test(line) ? JSON.parse(line, keepDigits) : JSON.parse(line);
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw this.#fault(this.#explain(line), this.#line);
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    throw this.#fault('it is not a JSON object; write one object a line', this.#line);
  }

  /** Of two members with one name JSON keeps the last without a word. Objects within the object are not looked into. */
  #refuseTwice(line: string, keys: number): void {
    if (line.lastIndexOf('{') > line.indexOf('{')) return;
    const names = [...line.matchAll(stringAndColon)].flatMap(([, name, colon]) => (colon === undefined ? [] : [name]));
    if (names.length === keys) return;
    const twice = names.find((name, place) => names.indexOf(name) !== place) ?? '';
    throw this.#fault(`it has the key ${quoted(twice)} twice`, this.#line);
  }

  #explain(line: string): string {
    const word = noJson.exec(line)?.[1];
    if (word !== undefined) return `it is not valid JSON: it has ${word}, write null`;
    if (this.#line > 1 || line.trimStart().startsWith('{')) return 'it is not valid JSON';
    return line.trimStart().startsWith('[')
      ? 'it begins a JSON array; write one object a line'
      : 'it is not valid JSON';
  }

  /** The column of a key. Throws when the same key came with other letters or spaces around it. */
  #placeOf(key: string): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const form = key.trim().toLowerCase();
    const other = this.#forms.get(form);
    if (other !== undefined) {
      throw this.#fault(
        `it has the key ${quoted(key)}, lines before it ${quoted(other)}; write one of them`,
        this.#line,
      );
    }
    this.#forms.set(form, key);
    const place = this.names.push(key) - 1;
    this.#places.set(key, place);
    return place;
  }

  #fault(fault: string, line: number) {
    return fileFault(this.#setting.source, fault, line);
  }
}

/** A whole number that a double does not hold stays as it is written. */
function keepDigits(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const { source = '' } = context ?? {};
  return /^-?\d+$/.test(source) ? source : value;
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
