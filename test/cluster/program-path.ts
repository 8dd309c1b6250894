// Finds programs that the user has installed.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The first directory on PATH that holds all of `programs`, or undefined. */
export async function directoryOnPath(programs: readonly string[]): Promise<string | undefined> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const present = await Promise.all(programs.map((program) => isExecutable(join(directory, program))));
    if (present.every(Boolean)) return directory;
  }
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
