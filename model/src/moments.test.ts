// Scaling holds at the ends of what a double can hold, too.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { momentsOf } from './moments.ts';

test.each([
  ['an offset far above the spread', [1e9, 1e9 + 1e-6, 1e9 + 2e-6]],
  ['a spread below 1e-12 of the mean', [1, 1 + 2 ** -50, 1 + 2 ** -49]],
  ['the smallest numbers', [1e-300, 2e-300, 3e-300]],
  ['the largest numbers', [1e300, -1e300, 5e299]],
  ['the range of a double', [Number.MAX_VALUE, -Number.MAX_VALUE, 0]],
])('%s is spread over about one deviation', (_, values) => {
  const { mean, deviation } = momentsOf(values);
  const scaled = values.map((value) => Math.abs(value / deviation - mean / deviation));
  expect(Math.max(...scaled)).toBeGreaterThan(0.5);
  expect(Math.max(...scaled)).toBeLessThan(2);
});

test.each([[[0.1, 0.1, 0.1]], [[1e300, 1e300]], [[-7]], [[5, Number.NaN, 5]]])('%j is constant', (values) => {
  expect(momentsOf(values)).toMatchObject({ mean: values[0], deviation: 1 });
});

test('mean and deviation are finite whatever the numbers are', () => {
  const numbers = fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(numbers, (values) => {
      const { mean, deviation } = momentsOf(values);
      expect(Number.isFinite(mean)).toBe(true);
      expect(deviation).toBeGreaterThan(0);
      expect(Number.isFinite(deviation)).toBe(true);
    }),
  );
});
