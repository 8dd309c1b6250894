import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { expect, test } from '@jest/globals';
import { codeOf, hasCode } from './error-code.ts';

/** An error as Node throws it for a failed system call. */
const failedCall = (errno: number) => Object.assign(new Error('write'), { errno, code: getSystemErrorName(errno) });

test.each(['ENOSPC', 'EDQUOT', 'ESTALE', 'EROFS', 'EACCES', 'EIO'] as const)(
  'a system call that fails with %s is known by that name, whether Node has one for it or not',
  (name) => {
    expect(codeOf(failedCall(-constants.errno[name]))).toBe(name);
  },
);

test('a file system that needs repair is known', () => {
  expect(codeOf(Object.assign(new Error('read'), { errno: -117, code: 'Unknown system error -117' }))).toBe('EUCLEAN');
});

test('what is no system error has no code', () => {
  expect([codeOf(new Error('x')), codeOf(null), codeOf('ENOENT')]).toEqual(['', '', '']);
  expect(hasCode(Object.assign(new Error(), { code: 'ENOENT' }), 'ENOTDIR', 'ENOENT')).toBe(true);
});
