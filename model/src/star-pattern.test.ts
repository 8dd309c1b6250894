import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesStars } from './star-pattern.ts';

const letters = (alphabet: string) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength: 8 }).map((each) => each.join(''));

test('a star stands for any text, also for none, and everything else for itself', () => {
  fc.assert(
    fc.property(letters('ab.*'), letters('ab.\n'), (pattern, text) => {
      const expression = pattern.replaceAll('.', '\\.').replaceAll('*', '.*');
      expect(matchesStars(pattern, text)).toBe(new RegExp(`^${expression}$`, 's').test(text));
    }),
    { numRuns: 2000 },
  );
});

test('the longest pattern that a spec may have takes no longer on a name that nearly fits', () => {
  const startMs = performance.now();
  expect(matchesStars(`${'*a'.repeat(511)}b`, 'a'.repeat(100_000))).toBe(false);
  expect(performance.now() - startMs).toBeLessThan(5_000);
});
