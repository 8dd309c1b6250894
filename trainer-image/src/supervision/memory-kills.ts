// Reads how often the kernel killed a process of this container for memory.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@sluice/model/error-code.ts';

/** The counter's file below the cgroup mount, for cgroup v2 and v1; both have a line `oom_kill <count>`. */
const counterFiles = ['memory.events', 'memory/memory.oom_control'];

/** Number of kills so far; undefined when neither file can be read (no cgroup mount). */
export async function readOomKills(cgroupMount: string): Promise<number | undefined> {
  for (const file of counterFiles) {
    const count = parseOomKills(await readOptional(join(cgroupMount, file)));
    if (count !== undefined) return count;
  }
  return undefined;
}

/** The count of the line `oom_kill <count>`. */
export function parseOomKills(text: string | undefined): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(text ?? '')?.[1];
  return count === undefined ? undefined : Number(count);
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error))) return undefined;
    throw error;
  }
}
