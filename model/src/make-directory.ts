// Makes directories (I/O). Node's recursive mkdir says ENOENT where the volume is read-only (EROFS), over its quota (EDQUOT) or
// broken (EIO), and nobody could act on that.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './error-code.ts';

/** Makes a directory and those above it; one that is there stays. Throws the file system's own error. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return;
    if (!hasCode(error, 'ENOENT')) throw error;
    await makeDirectory(dirname(path));
    await makeOne(path);
  }
}

/** Somebody else may have made it meanwhile. */
async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}
