// Checks that quantities are one value however they are spelled, as an apiserver takes them.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalQuantity, isSameQuantity, thousandthsOf } from './quantity.ts';

describe('one value has one spelling:', () => {
  test.each<[string, readonly string[]]>([
    ['100m', ['100m', '0.1', '.1', '0.10', '0.0999999', '1e-1', '100000u', '100000000n']],
    ['334m', ['0.3333', '0.333334', '333.4m', '334m']],
    ['1', ['1', '1000m', '1.0', '1.', '1e0', '01', '0.9999']],
    ['1500m', ['1.5', '1500m', '1500e-3']],
    ['1Gi', ['1Gi', '1024Mi', '1048576Ki', '1073741824', '1.0Gi', '1073741824000m', '1.073741824G', '1.073741824e9']],
    ['512Mi', ['512Mi', '0.5Gi', '536870912', '524288Ki']],
    ['256Mi', ['256Mi', '0.25Gi', '268435456']],
    ['500M', ['500M', '0.5G', '500000k', '5e8', '5E8']],
    ['1k', ['1e3', '1k', '1000', '1E3']],
    ['100E', ['100E', '100000P', '1e20']],
    ['2Ei', ['2Ei', '2048Pi']],
    ['0', ['0', '0m', '0Gi', '0.0']],
    ['1m', ['1n', '0.000001', '1u', '1m']],
  ])('%s', (canonical, spellings) => {
    for (const each of spellings) expect([each, canonicalQuantity(each)]).toEqual([each, canonical]);
  });
});

test.each(['', '.', 'Gi', '1 Gi', '1gi', '1KI', '1ee3', '1e', '1.2.3', '-1', 'e3', '1Mi2', 'lots'])(
  '%j is no quantity, and equals none',
  (text) => {
    expect(thousandthsOf(text)).toBeUndefined();
    expect(canonicalQuantity(text)).toBe(text);
    expect(isSameQuantity(text, text)).toBe(false);
  },
);

test('1Gi and 1G are two', () => {
  expect(isSameQuantity('1Gi', '1G')).toBe(false);
});

const suffix = fc.constantFrom('', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'e-2');
const quantity = fc
  .tuple(fc.nat(), fc.option(fc.stringMatching(/^[0-9]{1,6}$/)), suffix)
  .map(([whole, part, unit]) => `${whole}${part === null ? '' : `.${part}`}${unit}`);

test('the canonical spelling is a quantity of the same value, and stays as it is', () => {
  fc.assert(
    fc.property(quantity, (text) => {
      const canonical = canonicalQuantity(text);
      expect(isSameQuantity(text, canonical)).toBe(true);
      expect(canonicalQuantity(canonical)).toBe(canonical);
    }),
  );
});
