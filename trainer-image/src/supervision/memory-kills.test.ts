// The kernel's counters of out-of-memory kills, as the two cgroup versions write them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readOomKills } from './memory-kills.ts';

const version2 = 'low 0\nhigh 0\nmax 51\noom 2\noom_kill 3\noom_group_kill 0\n';
const version1 = 'oom_kill_disable 0\nunder_oom 0\noom_kill 4\n';

test.each<[string, Record<string, string>, number | undefined]>([
  ['cgroup v2', { 'memory.events': version2 }, 3],
  ['cgroup v1', { 'memory/memory.oom_control': version1 }, 4],
  ['an old kernel without the counter', { 'memory/memory.oom_control': 'under_oom 0\n' }, undefined],
  ['no cgroup mount', {}, undefined],
])('%s', async (_, files, expected) => {
  const mount = await mkdtemp(join(tmpdir(), 'cgroup-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(mount, path)), { recursive: true });
    await writeFile(join(mount, path), text);
  }
  expect(await readOomKills(mount)).toBe(expected);
  await rm(mount, { recursive: true });
});
