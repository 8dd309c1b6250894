// What a gateway pod keeps of what it refuses: bounded, clean, and read back as it was written.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mostWords, noRefusals, nothingRefused, type Refused, refusalsIn, refusalText } from './refusals.ts';

const refused = (deployment: string, message: string): Refused => ({
  ...{ type: 'listeners', name: deployment, deployment, message },
});
const readBack = (message: string) => refusalsIn(refusalText([refused('a', message)])).words[0]?.message;

describe('the text of refusals', () => {
  test('is read back, whatever Envoy says, in letters that its statistics do not change', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const text = refusalText([refused('a', message)]);
        expect(text).toMatch(/^[A-Za-z0-9%_.!~*()-]+$/);
        expect(refusalsIn(text).deployments).toEqual(['a']);
      }),
    );
  });

  test('names every deployment, and has the words of the first ones', () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      refused(`d${String(index).padStart(3, '0')}`, 'x'.repeat(999)),
    );
    const { deployments, words } = refusalsIn(refusalText(many));
    expect([deployments.length, words.length, words[0]?.message.length]).toEqual([1000, mostWords, 300]);
  });

  test('has the reason and not the resource that Envoy prints before it', () => {
    expect(readBack('goo.gle/debugproto\nname: "a"\n}\n: Proto constraint validation failed (x)')).toBe(
      'Proto constraint validation failed (x)',
    );
    expect(readBack('goo.gle/debugstr\nname: "a" secret')).toMatch(/^its schema forbids a value/);
  });

  test.each([
    '',
    nothingRefused,
    'x',
    '%',
    '%7B%7D',
    'null',
    '[]',
    encodeURIComponent('{"deployments":[1],"words":[]}'),
  ])('that is none of ours says nothing: %j', (text) => expect(refusalsIn(text)).toEqual(noRefusals));
});
