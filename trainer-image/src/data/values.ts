// What a value of a file is, before anything is known about its column: missing, a number, a number in a notation that is not
// ours, or a word.
import { missingWords } from '@sluice/crds/missing-words.ts';
import { parseNumber } from '@sluice/model/natural-order.ts';
import type { Cell } from './parsing/record.ts';

export type ValueKind = 'Missing' | 'Number' | 'Notation' | 'Word';

export type ValueReader = {
  /** The number that a value is; undefined for what is missing and for what is no number. */
  numberOf(cell: Cell): number | undefined;
  isMissing(cell: Cell): boolean;
};

/** Reads values with these words for what is missing; a word that is a number (-999) means it however it is written. */
export function makeValueReader(words: readonly string[] = missingWords): ValueReader {
  const texts = new Set(words.map((word) => word.trim()));
  const numbers = new Set(words.map(parseNumber).filter((value) => value !== undefined));
  const isMissing = (cell: Cell) => {
    if (cell === null || cell === '') return true;
    if (numbers.size > 0 && numbers.has(parseNumber(cell) ?? Number.NaN)) return true;
    const text = cell.trim();
    return text === '' || texts.has(text);
  };
  return {
    isMissing,
    numberOf(cell) {
      const value = cell === null ? undefined : parseNumber(cell);
      return value === undefined || numbers.has(value) ? undefined : value;
    },
  };
}

const digits = String.raw`\d+(?:\.\d*)?`;
const grouped = String.raw`\d{1,3}(?:[,'’_\u00a0\u202f ]\d{3})+(?:[.,]\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}`;
const body = String.raw`(?:${grouped}|\d+,\d+|${digits})`;
const sign = '[-+−]?';
const currency = '[€$£¥₹]';
const otherNotation = new RegExp(
  String.raw`^\(?${sign}\s*${currency}?\s*${sign}${body}\s*(?:[%‰€$£¥₹]|(?:EUR|USD|GBP|CHF)|-)?\)?$|^0x[0-9a-f]+$|^[-+]?inf(?:inity)?$`,
  'i',
);

/** Whether a text that is no number here is one elsewhere: 1,200 or 12,5 or 5% or (300) or 0x10 or inf. */
export const isOtherNotation = (text: string): boolean => otherNotation.test(text.trim());

/** 007, but neither 0 nor 0.5: what is written so is a code. */
export const hasLeadingZero = (text: string): boolean => /^\s*[+-]?0\d/.test(text);

/** A whole number whose digits a double does not hold. */
export const losesDigits = (text: string, value: number): boolean =>
  !Number.isSafeInteger(value) && text.length > 15 && /^\s*[+-]?\d+\s*$/.test(text);
