// A digit is drawn upright, in proportion, and beside its neighbours.
import { expect, test } from '@jest/globals';
import { drawDigit, hangExhibits } from './digit-picture.ts';

/** A vertical stroke of two columns in the middle, from row 6 to row 21. */
const stroke = Uint8Array.from({ length: 784 }, (_, index) => {
  const [row, column] = [Math.floor(index / 28), index % 28];
  return row >= 6 && row <= 21 && (column === 13 || column === 14) ? 255 : 0;
});

test('draws two rows of pixels in a line and leaves the margin out', () => {
  const picture = drawDigit({ label: 1, pixels: stroke });
  expect(picture).toHaveLength(10);
  expect(new Set(picture.map((line) => line.length))).toEqual(new Set([20]));
  expect(picture.map((line) => line.trim())).toEqual(['', ...Array(8).fill('██'), '']);
});

test('half a line is drawn as half a block', () => {
  const shifted = Uint8Array.from({ length: 784 }, (_, index) => stroke[index - 28] ?? 0);
  const picture = drawDigit({ label: 1, pixels: shifted }).map((line) => line.trim());
  expect([picture[1], picture[2], picture[9]]).toEqual(['▄▄', '██', '▀▀']);
});

const exhibit = (name: string) => ({ picture: ['####', '####'], captions: [name] });

test('hangs as many side by side as fit, and the rest below', () => {
  expect(hangExhibits(['a', 'b', 'c'].map(exhibit), 10)).toEqual([
    '####  ####',
    '####  ####',
    ' a     b',
    '',
    '####',
    '####',
    ' a'.replace('a', 'c'),
  ]);
});

test('hangs one below the other where nothing fits', () => {
  expect(hangExhibits(['a', 'b'].map(exhibit), 1)).toHaveLength(7);
});
