// Room for the copy of a bundle, and what is asked of the node for it.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { copySpace, ephemeralStorage } from './bundle-copy.ts';

const gibibyte = 1024 ** 3;
const bytesOf = (quantity: string) => Number.parseInt(quantity, 10) * (quantity.endsWith('Gi') ? gibibyte : 1024 ** 2);
const limitOf = (bytes?: number) => (copySpace({ bytes }).volume['emptyDir'] as { sizeLimit?: string }).sizeLimit;

test.each([
  ['a small bundle', 40_000, '2Gi', {}],
  ['one that is large for a pod that asks for nothing', gibibyte, '2Gi', { 'ephemeral-storage': '1472Mi' }],
  ['one of 2 GiB', 2 * gibibyte, '2240Mi', { 'ephemeral-storage': '2560Mi' }],
  ['one of 5 GiB', 5 * gibibyte, '5504Mi', { 'ephemeral-storage': '5824Mi' }],
])('%s', (_, bytes, sizeLimit, storage) => {
  expect(limitOf(bytes)).toBe(sizeLimit);
  expect(ephemeralStorage({ bytes })).toEqual(storage);
});

test('a bundle of unknown size has no limit but the disk: any would evict somebody for ever', () => {
  expect(limitOf()).toBeUndefined();
  expect(ephemeralStorage({})).toEqual({});
});

test('there is room for every bundle, also in blocks of its file system; what is asked for holds the copy and logs', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 64 * gibibyte }), (bytes) => {
      const room = bytesOf(limitOf(bytes) ?? '0Mi');
      expect(room).toBeGreaterThanOrEqual(bytes + 64 * 1024 ** 2);
      const { 'ephemeral-storage': asked } = ephemeralStorage({ bytes });
      if (asked !== undefined) expect(bytesOf(asked)).toBeGreaterThanOrEqual(bytes + 256 * 1024 ** 2);
    }),
  );
});
