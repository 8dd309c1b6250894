// Who may write is decided by the lease at the moment of the commit.
import { expect, test } from '@jest/globals';
import { type CommittedWrite, judge } from './holder-history.ts';

const lease = (version: bigint, writer: string, holder = writer): CommittedWrite => ({
  ...{ version, writer, holder },
  what: 'lease',
});
const write = (version: bigint, writer: string): CommittedWrite => ({ version, writer, what: 'a write' });

test('the holder may write, however the history was collected', () => {
  const history = [write(12n, 'b'), lease(1n, 'a'), write(2n, 'a'), lease(9n, 'a'), lease(11n, 'b'), write(10n, 'a')];
  expect(judge(history)).toEqual({
    writes: 3,
    byNonHolders: [],
    terms: [
      { holder: 'a', from: 1n },
      { holder: 'b', from: 11n },
    ],
  });
});

test.each([
  ['before anybody held the lease', [write(1n, 'a'), lease(2n, 'a')]],
  ['after another one took it', [lease(1n, 'a'), lease(3n, 'b'), write(4n, 'a')]],
  ['after it was given back', [lease(1n, 'a'), lease(2n, 'a', ''), write(3n, 'a')]],
])('a write %s is one by a non-holder', (_, history) => {
  expect(judge(history).byNonHolders.map(({ writer }) => writer)).toEqual(['a']);
});
