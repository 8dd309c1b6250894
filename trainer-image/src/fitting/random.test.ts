// Orders and numbers that depend on the seed alone.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { epochOrder, makeRandom, mixSeed } from './random.ts';

const seed = fc.integer({ min: 0, max: 2_147_483_647 });

test('the order of an epoch holds every row once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), seed, fc.nat(50), (rows, from, epoch) => {
      expect([...epochOrder(rows, from, epoch)].sort((a, b) => a - b)).toEqual(
        Array.from({ length: rows }, (_, row) => row),
      );
    }),
  );
});

test('the same seed and epoch give the same order, the next epoch another', () => {
  expect(epochOrder(50, 7, 3)).toEqual(epochOrder(50, 7, 3));
  expect(epochOrder(50, 7, 3)).not.toEqual(epochOrder(50, 7, 4));
  expect(epochOrder(50, 7, 3)).not.toEqual(epochOrder(50, 8, 3));
});

test('each row is equally often first', () => {
  const first = Array.from({ length: 8000 }, (_, epoch) => epochOrder(4, 1, epoch)[0]);
  for (const row of [0, 1, 2, 3]) {
    // Six standard deviations of a binomial count are 232.
    expect(Math.abs(first.filter((value) => value === row).length - 2000)).toBeLessThan(232);
  }
});

test('numbers fill [0, 1) evenly', () => {
  const random = makeRandom(mixSeed(1, 2));
  const numbers = Array.from({ length: 10_000 }, random);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1);
});
