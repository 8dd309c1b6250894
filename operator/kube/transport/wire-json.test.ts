// The body of a request, as readers of JSON and of YAML 1.1 understand it alike.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { asStored, wireJson } from './wire-json.ts';

const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const anyUnits = fc.array(unit, { maxLength: 60 }).map((units) => units.join(''));

describe('the body of a request', () => {
  test.each<[string, string, string]>([
    ['C1 controls and DEL', 'Stra\u00df\u009fe\u007f\u0085', '{"a":"Stra\u00df\\u009fe\\u007f\\u0085"}'],
    ['what YAML reads as line breaks', '\u2028\u2029', '{"a":"\\u2028\\u2029"}'],
    ['a byte order mark and what is no character', '\ufeff\ufffe\uffff', '{"a":"\\ufeff\\ufffe\\uffff"}'],
    ['a character of two halves as it is', '😀', '{"a":"😀"}'],
    ['half a character as the replacement for it', 'a\ud83d', '{"a":"a\\ufffd"}'],
    ['a backslash before what looks like half a character', '\\ud83d', '{"a":"\\\\ud83d"}'],
  ])('has %s', (_, text, expected) => {
    expect(wireJson({ a: text })).toBe(expected);
  });

  test('is the JSON of the same strings, and holds only what YAML calls printable', () => {
    fc.assert(
      fc.property(anyUnits, (text) => {
        const body = wireJson({ text });
        expect(asStored({ text })).toEqual({ text: text.toWellFormed() });
        expect(parse(body, { version: '1.1' })).toEqual({ text: text.toWellFormed() });
        expect(body).toMatch(/^[\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u);
      }),
    );
  });
});
