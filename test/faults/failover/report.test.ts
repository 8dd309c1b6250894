// What is said of many rounds.
import { expect, test } from '@jest/globals';
import { describeRounds } from './report.ts';

test('the slowest round of each kind counts, and every write of a non-holder', () => {
  const rounds = [
    { blow: 'kill', handOverMs: 3_000 },
    { blow: 'kill', handOverMs: 3_500 },
    { blow: 'cut', handOverMs: 10 },
  ] as const;
  const byNonHolders = [{ writer: 'a', version: 3n, what: 'a write' }];
  expect(describeRounds({ rounds, writes: 7, byNonHolders, terms: 3 })).toEqual([
    'kill: 2 rounds, another process led after at most 3500 ms',
    'cut: 1 round, another process led after at most 10 ms',
    '7 writes, 1 by a process that did not hold the lease',
  ]);
});
