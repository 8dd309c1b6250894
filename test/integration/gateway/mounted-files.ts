// Files as the kubelet mounts them: the whole content changes at once, by another link in the directory.
import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

let written = 0;

/** Puts these files into the directory in place of those that were there. */
export async function mountFiles(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  written += 1;
  const content = `..content-${written}`;
  await mkdir(join(directory, content), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, content, name), text);
  await symlink(content, join(directory, '..data_tmp'));
  await rename(join(directory, '..data_tmp'), join(directory, '..data'));
  // A name that is there stays: who reads it while it is gone would not be told to read it again.
  const known = new Set(await readdir(directory));
  for (const name of Object.keys(files).filter((each) => !known.has(each))) {
    await symlink(join('..data', name), join(directory, name));
  }
}
