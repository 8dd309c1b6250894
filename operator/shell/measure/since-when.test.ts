// What is so since when, as far as somebody has looked.
import { expect, test } from '@jest/globals';
import { SinceWhen } from './since-when.ts';

test('the first look at what is so counts, until something else or nothing is so', () => {
  const memory = new SinceWhen();
  const looks = [
    ['20 %', 1000, 1000],
    ['20 %', 2000, 1000],
    ['50 %', 3000, 3000],
    [undefined, 4000, undefined],
    ['50 %', 5000, 5000],
  ] as const;
  expect(looks.map(([what, now]) => memory.note('ml/digits', what, now))).toEqual(looks.map(([, , since]) => since));
  expect(memory.note('ml/other', '50 %', 6000)).toBe(6000);
  memory.forget('ml/digits');
  expect(memory.note('ml/digits', '50 %', 7000)).toBe(7000);
});
