// Which texts are one category, between files, formats and requests.
import { describe, expect, test } from '@jest/globals';
import { canonicalText, findPlaces } from './category-text.ts';
import type { FittedFeature } from './manifest.ts';
import { encode, fitFeatures } from './preprocessing.ts';
import { profileFeatures } from './profile.ts';
import { classIndices, fitTarget } from './target.ts';

test.each([
  ['1.0', '1'],
  ['-3.00', '-3'],
  ['-0.0', '0'],
  [' Ulm ', 'Ulm'],
  ['a\u0301', 'á'],
  ['2.50', '2.50'],
  ['1.10', '1.10'],
  ['007', '007'],
  ['00.0', '00.0'],
  ['v1.0', 'v1.0'],
  ['1e3', '1e3'],
])('%j is kept as %j', (text, kept) => {
  expect(canonicalText(text)).toBe(kept);
});

describe('a text is found', () => {
  test.each([
    ['as it is written', ['1', '1.0', '2'], '1.0', 1],
    ['without its decimals', ['1', '2'], '2.0', 1],
    ['with the decimals that the list has', ['1.0', '2.0'], '2', 1],
    ['as the same number', ['2.5', '3.5'], '2.50', 0],
    ['as the same number the other way round', ['2.50', '3.50'], '2.5', 0],
    ['as the same number with an exponent', ['100000'], '1e5', 0],
    ['with spaces around it', ['a', 'b'], ' b', 1],
    ['with letters that are composed', ['caf\u00e9'], 'cafe\u0301', 0],
    ['not where two of the list are that number', ['1.1', '1.10'], '1.100', undefined],
    ['not as a code', ['7'], '007', undefined],
    ['not as a code of the list', ['007'], '7', undefined],
    ['not as an id that a double cannot hold', ['9007199254740993'], '9007199254740992', undefined],
    ['not where it is missing', ['a'], null, undefined],
  ])('%s', (_, list, text, place) => {
    expect(findPlaces(list)(text)).toBe(place);
  });
});

test('versions that are equal as numbers stay apart', () => {
  const placeOf = findPlaces(['1.1', '1.10']);
  expect([placeOf('1.1'), placeOf('1.10')]).toEqual([0, 1]);
});

test('training, requests and the profile count forms of one category together', () => {
  const values = ['1', '1.0', ' 1', '2.50', null];
  const batch = { rows: 5, inputs: new Map([['size', values]]) };
  const features = fitFeatures([{ type: 'Category', name: 'size', column: 'size' }], batch);
  expect(features).toMatchObject([{ categories: ['1', '2.50'] }]);
  const request = { rows: 3, inputs: new Map([['size', ['1.00', '2.5', '3']]]) };
  expect([...encode(features, request)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  expect(profileFeatures(features, batch)).toMatchObject([
    {
      missing: 1,
      categories: [
        { value: '1', count: 3 },
        { value: '2.50', count: 1 },
      ],
    },
  ]);
});

test('a bundle whose categories were written down before still takes them as they are', () => {
  const feature: FittedFeature = { type: 'Category', name: 'size', column: 'size', categories: ['1', '1.0', ' 2'] };
  const request = { rows: 3, inputs: new Map([['size', ['1', '1.0', ' 2']]]) };
  expect([...encode([feature], request)]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
});

test('classes are the same in any form', () => {
  const values = ['0', '1.0', '1', '0.0'];
  const target = fitTarget({ task: 'Classification', column: 'y', values, training: Int32Array.of(0, 1, 2, 3) });
  expect(target).toMatchObject({ classes: ['0', '1'] });
  if (target.type === 'Classes') expect([...classIndices(target, values)]).toEqual([0, 1, 1, 0]);
});
