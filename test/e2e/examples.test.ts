// Every file below examples/ is taken by a real apiserver as it stands; story.test.ts runs those of the digits.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { World } from './world.ts';

const root = fileURLToPath(new URL('../../examples', import.meta.url));
const files = (await readdir(root, { recursive: true })).filter((file) => /\.ya?ml$/.test(file)).sort();

let world: World;

beforeAll(async () => {
  world = await World.open('examples');
}, 60_000);

afterAll(() => world.close());

describe('an example', () => {
  test.each(files)('%s is applied without a warning, and kubectl names each object of it', async (file) => {
    const path = join(root, file);
    const dryRun = ['apply', '--server-side', '--dry-run=server', '--warnings-as-errors', '-f', path];
    const said = await world.kubectl(['--namespace', world.namespace, ...dryRun]);
    const names = parseAllDocuments(await readFile(path, 'utf8')).map((document) => document.toJS().metadata.name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(said).toContain(`/${name} serverside-applied`);
  });

  test.each(files)('%s says in its first line what it is for', async (file) => {
    expect(await readFile(join(root, file), 'utf8')).toMatch(/^# \S.{20,}\n/);
  });
});

test('there are examples', () => {
  expect(files).toContain('digits/training-job.yaml');
});
