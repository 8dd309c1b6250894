// Checks the size of the next page.
import { expect, test } from '@jest/globals';
import { nextPageSize } from './page-size.ts';

test.each([
  ['small objects come 500 at a time', { objects: 100, characters: 100_000 }, 500],
  ['objects of 6 kB', { objects: 100, characters: 600_000 }, 250],
  ['objects of 1.5 MB come one by one', { objects: 10, characters: 15_000_000 }, 1],
  ['objects that are even larger', { objects: 1, characters: 3_000_000 }, 1],
  ['an empty page', { objects: 0, characters: 60 }, 500],
])('H18: %s', (_case, page, size) => {
  expect(nextPageSize(page)).toBe(size);
});

test('a smaller bound is kept', () => {
  expect(nextPageSize({ objects: 100, characters: 1_000 }, 7)).toBe(7);
});
