// What is held back must not be in the file that the models learn from.
import { expect, test } from '@jest/globals';
import { type Digit, digitsCsv, holdOut, inferBody, shuffleLabels } from './dataset.ts';

const digit = (label: number, grey: number): Digit => ({ label, pixels: new Uint8Array(784).fill(grey) });
const digits = [digit(0, 1), digit(0, 2), digit(0, 3), digit(1, 4), digit(1, 5)];

test('holds back the last digits of each class, and no digit is on both sides', () => {
  const { training, heldOut } = holdOut(digits, 1);
  expect(heldOut).toEqual([digits[2], digits[4]]);
  expect(training).toEqual([digits[0], digits[1], digits[3]]);
});

test('the file has a header and a line of 785 numbers for each digit', () => {
  const lines = digitsCsv(digits).trimEnd().split('\n');
  expect(lines).toHaveLength(6);
  expect(lines[0]).toMatch(/^label,p0,p1,.*,p783$/);
  expect(lines.map((line) => line.split(',').length)).toEqual(Array(6).fill(785));
});

test('a request holds all digits as one tensor', () => {
  const { inputs } = JSON.parse(inferBody(digits.slice(0, 2))) as { inputs: { shape: number[]; data: number[] }[] };
  expect(inputs[0]?.shape).toEqual([2, 28, 28, 1]);
  expect(inputs[0]?.data).toHaveLength(2 * 784);
});

test('shuffled labels say nothing about their digits, and each stays as frequent as it was', () => {
  const classes = Array.from({ length: 200 }, (_, index) => digit(Math.floor(index / 20), index));
  const shuffled = shuffleLabels(classes);
  const count = (all: readonly Digit[], label: number) => all.filter((each) => each.label === label).length;
  for (let label = 0; label < 10; label += 1) expect(count(shuffled, label)).toBe(20);
  expect(shuffled.filter((each, index) => each.label === classes[index]?.label).length).toBeLessThan(50);
  expect(shuffled.map(({ pixels }) => pixels)).toEqual(classes.map(({ pixels }) => pixels));
});
