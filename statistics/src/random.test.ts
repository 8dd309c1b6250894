// The generators against the authors' published outputs, and the draws against the laws they must follow.
import { expect, test } from '@jest/globals';
import { binomialMass } from './binomial.ts';
import { drawBinomial } from './binomial-draw.ts';
import { createRandom, shuffle, splitmix64, uniform, uniformInt, xoshiro128 } from './random.ts';

test('splitmix64 and xoshiro128** give the published outputs', () => {
  expect(splitmix64(1234567n, 3)).toEqual([6457827717110365317n, 3203168211198807973n, 9817491932198370423n]);
  const random = xoshiro128([1, 2, 3, 4]);
  expect([random(), random(), random(), random()]).toEqual([11520, 0, 5927040, 70819200]);
});

test('a seed repeats its stream; seeds and streams differ', () => {
  const first = (seed: number, stream?: number) => createRandom(seed, stream)();
  expect(first(7)).toBe(first(7, 0));
  expect(new Set([first(7), first(8), first(7, 1), first(8, 1), first(-7)]).size).toBe(5);
  expect(() => createRandom(0.5)).toThrow(/^seed must/);
});

test('a shuffle keeps every item and gives all orders equally often', () => {
  const random = createRandom(7);
  const seen = new Map<string, number>();
  for (let round = 0; round < 6000; round++) {
    const order = shuffle(Int32Array.of(0, 1, 2), random).join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect([...seen.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
  for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000));
});

test('uniform numbers stay below 1 and whole ones below their bound', () => {
  const random = createRandom(3);
  const numbers = Array.from({ length: 10000 }, () => uniform(random));
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(Math.abs(numbers.reduce((sum, value) => sum + value, 0) / 10000 - 0.5)).toBeLessThan(0.015);
  expect(Math.max(...Array.from({ length: 1000 }, () => uniformInt(random, 5)))).toBe(4);
});

test.each([
  [12, 0.3],
  [12, 0.9],
  [1, 0.5],
])('draws from Binomial(%d, %d) follow its law', (trials, probability) => {
  const random = createRandom(11);
  const seen = new Float64Array(trials + 1);
  const draws = 20000;
  for (let draw = 0; draw < draws; draw++) {
    const k = drawBinomial(random, trials, probability);
    seen[k] = (seen[k] ?? 0) + 1;
  }
  seen.forEach((count, k) => {
    const expected = draws * binomialMass(k, trials, probability);
    expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected) + 3);
  });
});
