// Texts of users as texts of Lua: none of them ends before it ends.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { luaSet, luaText } from './lua.ts';

/** What Lua 5.1 reads from a text in double quotes that knows no escape but bytes in decimal. */
function read(source: string): string {
  expect(source).toMatch(/^"([^"\\\n\r\0]|\\\d{3})*"$/);
  const bytes = [...source.slice(1, -1).matchAll(/\\(\d{3})|(.)/g)].map(([, byte, character = '']) =>
    byte === undefined ? character.charCodeAt(0) : Number(byte),
  );
  return new TextDecoder().decode(new Uint8Array(bytes));
}

test('any text is read as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(text.isWellFormed());
      expect(read(luaText(text))).toBe(text);
    }),
    { examples: [['"]]==\\\n\0é']] },
  );
});

test('what is absent is nil, and a set has each of its texts', () => {
  expect(luaText(undefined)).toBe('nil');
  expect(luaSet(['a', 'b"'])).toBe('{["a"] = true, ["b\\034"] = true}');
});
