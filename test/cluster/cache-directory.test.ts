// What is dear to make is made once, and never found half made.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cachedDirectory, cachePath, contentKey } from './cache-directory.ts';

const before = process.env['XDG_CACHE_HOME'];
let home = '';

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-cache-test-'));
  process.env['XDG_CACHE_HOME'] = home;
});

afterEach(async () => {
  if (before === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = before;
  await rm(home, { recursive: true });
});

test('two that ask at once get the same directory, made once', async () => {
  let times = 0;
  const make = async (directory: string) => {
    times += 1;
    await writeFile(join(directory, 'file'), 'content');
  };
  const [first, second] = await Promise.all([cachedDirectory('thing', make), cachedDirectory('thing', make)]);
  expect([times, first]).toEqual([1, second]);
  expect(await readFile(join(first, 'file'), 'utf8')).toBe('content');
});

test('what could not be made leaves nothing and is tried again', async () => {
  await expect(cachedDirectory('thing', () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
  expect(await readdir(cachePath())).toEqual([]);
  expect(await cachedDirectory('thing', () => Promise.resolve())).toBe(cachePath('thing'));
});

test.each([
  [
    ['ab', 'c'],
    ['a', 'bc'],
  ],
  [['a'], ['a', '']],
  [
    ['a', 'b'],
    ['b', 'a'],
  ],
])('ingredients %j and %j have different keys', (one, other) => {
  expect(contentKey(one)).not.toBe(contentKey(other));
});
