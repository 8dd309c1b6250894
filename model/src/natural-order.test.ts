import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareNaturally, parseNumber } from './natural-order.ts';

describe('compareNaturally', () => {
  test.each([
    ['numbered columns', ['p10', 'p2', 'p1'], ['p1', 'p2', 'p10']],
    ['numbers', ['10', '-3', '9', '1e2', '0.5'], ['-3', '0.5', '9', '10', '1e2']],
    ['numbers before text', ['b', '10', 'a', '9'], ['9', '10', 'a', 'b']],
    ['two numbers in one name', ['r2c10', 'r10c1', 'r2c9'], ['r2c9', 'r2c10', 'r10c1']],
    ['a name before its continuation', ['ab', 'a', 'a1'], ['a', 'a1', 'ab']],
  ])('orders %s as a person would', (_, given, wanted) => {
    expect([...given].sort(compareNaturally)).toEqual(wanted);
  });

  test('is a total order: any shuffle sorts to the same list', () => {
    const texts = fc.uniqueArray(fc.oneof(fc.stringMatching(/^[ab01.-]{0,6}$/), fc.integer().map(String)));
    fc.assert(
      fc.property(texts, fc.infiniteStream(fc.nat()), (list, keys) => {
        const shuffled = list
          .map((text) => ({ text, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ text }) => text);
        expect(shuffled.sort(compareNaturally)).toEqual([...list].sort(compareNaturally));
      }),
    );
  });
});

describe('parseNumber', () => {
  test.each(['1', '1.', '.1', ' ', 'e+1', '1e1'])('takes no longer than a text of repeated %j is long', (piece) => {
    const startMs = performance.now();
    for (const text of [piece.repeat(200_000), `${piece.repeat(200_000)}x`, `1${piece.repeat(200_000)}x`])
      parseNumber(text);
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  test.each([
    ['12', 12],
    [' -1.5e3 ', -1500],
    ['.5', 0.5],
    ['5.', 5],
    ['', undefined],
    ['0x10', undefined],
    ['Infinity', undefined],
    ['1e999', undefined],
    ['NaN', undefined],
    ['1,5', undefined],
    ['-', undefined],
  ])('reads %j as %p', (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });
});
