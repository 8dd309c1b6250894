// The class of an error, by what it is.
import { expect, test } from '@jest/globals';
import type { FailureClass } from '@sluice/crds/contract.ts';
import { DataError } from '@sluice/model/data-error.ts';
import { ArchitectureError, DivergedError } from '../fitting/engine.ts';
import { NativeMissingError } from '../fitting/tensorflow.ts';
import { classifyError, NoAcceleratorError } from './failure.ts';

const withCode = (code: string) => Object.assign(new Error(code), { code });

test.each<[unknown, FailureClass]>([
  [new DataError('no such column'), 'Data'],
  [new DivergedError('NaN'), 'Diverged'],
  [new NoAcceleratorError('no GPU'), 'NoAccelerator'],
  [new ArchitectureError('too deep'), 'UserCode'],
  [new NativeMissingError('no addon'), 'Internal'],
  [withCode('ENOSPC'), 'Infrastructure'],
  [withCode('EIO'), 'Infrastructure'],
  [Object.assign(new Error('write'), { errno: -122, code: 'Unknown system error -122' }), 'Infrastructure'],
  [Object.assign(new Error('read'), { errno: -116, code: 'Unknown system error -116' }), 'Infrastructure'],
  [withCode('EROFS'), 'Infrastructure'],
  [withCode('EACCES'), 'Infrastructure'],
  [new RangeError('Array buffer allocation failed'), 'OutOfMemory'],
  [new Error('OOM when allocating tensor with shape[8192,8192]'), 'OutOfMemory'],
  [new TypeError('x is not a function'), 'Internal'],
  ['a string', 'Internal'],
])('%s is %s', (error, expected) => {
  expect(classifyError(error).class).toBe(expected);
});

test('a spent quota is said with its remedy', () => {
  const quota = Object.assign(new Error('write'), { errno: -122, code: 'Unknown system error -122' });
  expect(classifyError(quota).message).toMatch(/^EDQUOT: the quota is spent: .*spec\.storage/);
});

test('a message is at most 200 characters long', () => {
  expect(classifyError(new Error('x'.repeat(500))).message).toHaveLength(200);
});
