// Checks when a live object counts as having what is wanted.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSubset } from './subset.ts';

const container = { name: 'main', image: 'a', resources: { limits: { cpu: '1', memory: '1Gi' } } };

describe('isSubset', () => {
  const held: [string, unknown, unknown][] = [
    ['fields that the apiserver filled in', { a: 1 }, { a: 1, b: 2 }],
    ['an empty value where Go leaves it out', { a: {}, b: [], c: '', d: false, e: 0, f: null }, {}],
    ['an injected sidecar', [container], [{ name: 'proxy', image: 'p' }, container]],
    ['ports in another order', [{ port: 1 }, { port: 2 }], [{ port: 2, protocol: 'TCP' }, { port: 1 }]],
    [
      'a quantity in canonical form',
      { limits: { cpu: '1000m', memory: '1024Mi' } },
      { limits: { cpu: '1', memory: '1Gi' } },
    ],
    [
      'a quantity that was rounded up to thousandths',
      { requests: { cpu: '0.3333', memory: '1500m', 'example.com/x': '1e3' } },
      { requests: { cpu: '334m', memory: '1500m', 'example.com/x': '1k' } },
    ],
    ['a quantity written as a number', { requests: { 'nvidia.com/gpu': 1 } }, { requests: { 'nvidia.com/gpu': '1' } }],
    ['a field that is not wanted any way', { a: undefined }, { a: 7 }],
  ];
  test.each(held)('forgives %s', (_what, wanted, live) => expect(isSubset(wanted, live)).toBe(true));

  const missed: [string, unknown, unknown][] = [
    ['another value', { a: 1 }, { a: 2 }],
    ['a lost field', { a: 'x' }, {}],
    ['a lost container', [container], [{ name: 'proxy' }]],
    ['another image', [container], [{ ...container, image: 'b' }]],
    ['other arguments', { args: ['x', 'y'] }, { args: ['y', 'x'] }],
    ['an added argument', { args: ['x'] }, { args: ['x', 'y'] }],
    ['a quantity that differs by a thousandth', { limits: { cpu: '0.3333' } }, { limits: { cpu: '333m' } }],
    ['another quantity', { limits: { cpu: '1' } }, { limits: { cpu: '2' } }],
    ['equal numbers in a place where strings are not quantities', { value: '1000m' }, { value: '1' }],
    ['an element in a list that should be empty', { a: [] }, { a: [1] }],
  ];
  test.each(missed)('sees %s', (_what, wanted, live) => expect(isSubset(wanted, live)).toBe(false));

  test('anything holds itself, and anything more holds it too', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (wanted, more) => {
        expect(isSubset(wanted, structuredClone(wanted))).toBe(true);
        expect(isSubset(wanted, { ' more ': more, ...structuredClone(wanted) })).toBe(true);
      }),
    );
  });
});
