import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeDirectory } from './make-directory.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'make-directory-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('directories are made with those above them, and again, and by several at once', async () => {
  const path = join(home, 'a', 'b', 'c');
  await Promise.all(Array.from({ length: 8 }, () => makeDirectory(path)));
  await makeDirectory(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test('a directory that the volume refuses is refused with its own error', async () => {
  await writeFile(join(home, 'file'), '');
  await expect(makeDirectory(join(home, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  // A file system of the kernel's takes no directory, whoever asks; Node's recursive mkdir would say ENOENT.
  await expect(makeDirectory('/proc/self/fdinfo/a')).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
});
