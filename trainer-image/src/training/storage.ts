// Tries the storage before anything is trained: hours of training must not end in a volume that cannot be written.
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '@sluice/model/make-directory.ts';

const probe = new Uint8Array(4096);

/** Writes and removes a small file. Throws the file system's error. */
export async function tryStorage(directory: string): Promise<void> {
  await makeDirectory(directory);
  const path = join(directory, `.trying-${randomUUID()}`);
  try {
    await writeFile(path, probe, { flag: 'wx', flush: true });
  } finally {
    await rm(path, { force: true });
  }
}
