// Text from outside, made fit to be written and read.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutEnd, cutStart, headOf, printable, tailOf } from './text.ts';

const anything = fc.string({ unit: 'binary', maxLength: 400 });
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
/** Also with halves of characters. */
const anyUnits = fc.array(unit, { maxLength: 400 }).map((units) => units.join(''));
const esc = String.fromCharCode(27);

describe('printable text', () => {
  test.each<[string, string, string]>([
    ['a plain sentence', 'a sentence, as it is', 'a sentence, as it is'],
    ['line breaks and tabs', ' one\r\n\ttwo\u2028three\u0085four ', 'one two three four'],
    ['colours', `${esc}[1;31mred${esc}[0m and ${esc}]0;title\u0007plain`, 'red and plain'],
    ['a sequence that does not end', `left ${esc}[31`, 'left'],
    ['C1 controls', 'Stra\u00df\u009fe \u009b31mred', 'Straß e red'],
    ['NUL, DEL and a byte order mark', '\ufeffa\u0000b\u007fc', 'a b c'],
    ['half a character', 'ok \ud83d.', 'ok \ufffd.'],
    ['what turns the direction of writing', 'a\u202egnp.exe', 'a gnp.exe'],
    ['a family, which is one character', 'a 👩‍👩‍👧 b', 'a 👩‍👩‍👧 b'],
  ])('keeps of %s what can be read', (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test('is one line of whole characters without controls, and printing it again changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(anything, anyUnits), (text) => {
        const line = printable(text);
        expect(line.isWellFormed()).toBe(true);
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\ufeff\u202a-\u202e\u2066-\u2069]/u);
        expect(printable(line)).toBe(line);
      }),
    );
  });
});

describe('a cut', () => {
  test.each<[string, number, string]>([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['abc😀', 4, 'abc…'],
    ['abcé́́d', 5, 'abc…'],
    ['a👩‍👩‍👧bc', 10, 'a👩‍👩‍👧…'],
    ['a👩‍👩‍👧bc', 9, 'a…'],
    ['a👩‍👩‍👧bc', 8, 'a…'],
  ])('of %s at %d leaves whole characters', (text, limit, expected) => {
    expect(cutEnd(text, limit)).toBe(text.length <= limit ? text : expected);
  });

  test('is never longer than its limit, is a part of the text, and makes no half characters', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 300 }), (text, limit) => {
        expect(text.startsWith(headOf(text, limit))).toBe(true);
        expect(text.endsWith(tailOf(text, limit))).toBe(true);
        for (const cut of [cutEnd(text, limit), cutStart(text, limit)]) {
          expect(cut.length).toBeLessThanOrEqual(limit);
          expect(cut.isWellFormed()).toBe(text.isWellFormed());
        }
      }),
    );
  });

  test('goes through a character that does not end', () => {
    const endless = `e${'\u0301'.repeat(5_000)}`;
    expect(headOf(endless, 200)).toHaveLength(200);
  });
});
