// Where things that are dear to make are kept between runs, under names derived from what they were made of.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { exclusively } from './exclusively.ts';
import { undoOnInterrupt } from './interruption.ts';

/** Absolute path below Sluice's cache: `$XDG_CACHE_HOME/sluice`, by default `~/.cache/sluice`. */
export function cachePath(...segments: readonly string[]): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sluice', ...segments);
}

/** Twelve hex digits that differ when any of the ingredients does. */
export function contentKey(ingredients: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const ingredient of ingredients) hash.update(createHash('sha256').update(ingredient).digest());
  return hash.digest('hex').slice(0, 12);
}

/**
 * Resolves to the cached directory `name`, making it first when it is missing. `make` fills a temporary directory beside
 * it, which gets its name only when complete; of several processes one makes it and the others wait.
 */
export async function cachedDirectory(name: string, make: (directory: string) => Promise<void>): Promise<string> {
  const path = cachePath(name);
  if (existsSync(path)) return path;
  return exclusively(path, async () => {
    if (existsSync(path)) return path;
    await mkdir(dirname(path), { recursive: true });
    const temporary = await mkdtemp(`${path}.tmp-`);
    const remove = () => rm(temporary, { recursive: true, force: true });
    const forget = undoOnInterrupt(remove);
    try {
      await make(temporary);
      await rename(temporary, path);
    } finally {
      forget();
      await remove();
    }
    return path;
  });
}
