// What the init container and the verifier say of a volume or a disk that fails them.
import { expect, test } from '@jest/globals';
import { NoRoomError } from '@sluice/model/bundle-reading.ts';
import { storageTrouble } from './storage-trouble.ts';

test.each([
  ['ENOSPC', /disk is full: free or enlarge it/],
  ['EDQUOT', /quota .* is spent: raise it/],
  ['EROFS', /read-only/],
  ['EACCES', /the pod's user may not read the bundle: .*fsGroup/],
  ['EPERM', /the pod's user may not read/],
  ['EIO', /I\/O error/],
  ['ESTALE', /went away/],
])('%s is named with its remedy', (code, words) => {
  const trouble = storageTrouble(Object.assign(new Error('a path of 300 characters'), { code }));
  expect(trouble).toMatch(words);
  expect(trouble?.startsWith(`${code}: `)).toBe(true);
  expect(trouble?.length).toBeLessThanOrEqual(150);
});

test('a disk without room says it in its own words', () => {
  expect(storageTrouble(new NoRoomError('the node has 1 MiB of disk left'))).toBe('the node has 1 MiB of disk left');
});

test('a defect of ours is none', () => {
  expect(storageTrouble(new TypeError('x is undefined'))).toBeUndefined();
});
