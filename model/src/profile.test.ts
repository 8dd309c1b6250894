import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { InputValues } from './batch.ts';
import type { FeatureProfile, FittedFeature } from './manifest.ts';
import { binOf, profileFeatures, profileTarget } from './profile.ts';

const number: FittedFeature = { type: 'Number', name: 'x', column: 'x', median: 0, mean: 0, deviation: 1 };

const profile = (feature: FittedFeature, rows: number, values: InputValues): FeatureProfile => {
  const [one] = profileFeatures([feature], { rows, inputs: new Map([[feature.name, values]]) });
  if (one === undefined) throw new Error('no profile');
  return one;
};

describe('profileFeatures', () => {
  test('cuts the numbers 1 to 100 into ten equal bins', () => {
    const values = Float64Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(profile(number, 100, values)).toEqual({
      name: 'x',
      missing: 0,
      edges: [10, 20, 30, 40, 50, 60, 70, 80, 90],
      counts: Array(10).fill(10),
      minimum: 1,
      maximum: 100,
    });
  });

  test('counts every value once, in the bin that binOf gives, and missing ones apart', () => {
    const values = fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: Number.NaN }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(values, (list) => {
        const { missing, counts = [], edges = [] } = profile(number, list.length, Float64Array.from(list));
        const present = list.filter((value) => !Number.isNaN(value));
        expect(missing).toBe(list.length - present.length);
        if (present.length === 0) return expect(counts).toEqual([]);
        const wanted = Array(10).fill(0);
        for (const value of present) wanted[binOf(edges, value)]++;
        expect(counts).toEqual(wanted);
        expect([...edges].sort((a, b) => a - b)).toEqual(edges);
      }),
    );
  });

  test('takes deciles of a large tensor from whole rows, and counts all its numbers', () => {
    const feature: FittedFeature = {
      type: 'Tensor',
      name: 't',
      columns: ['a', 'b'],
      shape: [2],
      mean: 0,
      deviation: 1,
    };
    const values = Float32Array.from({ length: 4_000_000 }, (_, index) => (index % 2 === 0 ? 0 : 1));
    const { counts = [], edges = [] } = profile(feature, 2_000_000, values);
    expect(edges).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1]);
    expect(counts).toEqual([2_000_000, 0, 0, 0, 0, 2_000_000, 0, 0, 0, 0]);
  });

  test('lists categories by falling count', () => {
    const feature: FittedFeature = { type: 'Category', name: 'c', column: 'c', categories: ['Rom', 'Ulm'] };
    expect(profile(feature, 4, ['Ulm', null, 'Rom', 'Ulm'])).toEqual({
      name: 'c',
      missing: 1,
      categories: [
        { value: 'Ulm', count: 2 },
        { value: 'Rom', count: 1 },
      ],
    });
  });
});

describe('profileTarget', () => {
  test('counts classes', () => {
    const target = { type: 'Classes' as const, column: 'y', classes: ['0', '1'] };
    expect(profileTarget(target, new Float64Array([1, 0, 1]))).toMatchObject({
      name: 'y',
      categories: [
        { value: '1', count: 2 },
        { value: '0', count: 1 },
      ],
    });
  });

  test('bins values in their own unit', () => {
    const target = { type: 'Value' as const, column: 'y', mean: 5, deviation: 2 };
    expect(profileTarget(target, ['10', '20'])).toMatchObject({
      minimum: 10,
      maximum: 20,
      counts: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    });
  });
});
