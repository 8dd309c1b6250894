// Finding the data file and tying the model to its bytes.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Dataset } from '@sluice/crds/dataset.ts';
import { DataError } from '@sluice/model/data-error.ts';
import { checkUnchanged, openSource } from './source-file.ts';

let mount = '';
beforeEach(async () => {
  mount = await mkdtemp(join(tmpdir(), 'source-file-'));
});
afterEach(() => rm(mount, { recursive: true, force: true }));

const dataset = (source: Dataset['source'], digest?: string) => ({ source, digest }) as Dataset;
const claim = (path: string) => ({ persistentVolumeClaim: { claimName: 'datasets', path } });
const open = (data: Dataset) => openSource(mount, data, async () => {});

test('a file in a claim is found with its size and the sha256 of its bytes', async () => {
  await mkdir(join(mount, 'digits'));
  await writeFile(join(mount, 'digits/train.csv'), 'a\n1\n');
  const digest = `sha256:${createHash('sha256').update('a\n1\n').digest('hex')}`;
  expect(await open(dataset(claim('digits/train.csv'), digest))).toMatchObject({ bytes: 4, digest });
});

test('a key of a ConfigMap is a file of that name', async () => {
  await writeFile(join(mount, 'train.csv'), 'a\n1\n');
  const found = await open(dataset({ configMap: { name: 'data', key: 'train.csv' } }));
  expect(found.path).toBe(join(mount, 'train.csv'));
});

describe('what cannot be used is refused with the field and a remedy', () => {
  test.each([
    [
      'a missing file',
      claim('nope.csv'),
      "spec.data.source.persistentVolumeClaim.path 'nope.csv': there is no such file",
    ],
    ['a missing key', { configMap: { name: 'data', key: 'nope' } }, "spec.data.source.configMap.key 'nope'"],
    ['a path through a file', claim('empty/x.csv'), 'there is no such file'],
    ['an empty file', claim('empty'), 'the file is empty'],
    ['a directory', claim('folder'), 'it is a directory'],
    ['a link to nothing', claim('dangling'), 'there is no such file'],
    ['links that lead in a circle', claim('circle'), 'its links lead in a circle'],
  ])('%s', async (_, source, message) => {
    await writeFile(join(mount, 'empty'), '');
    await mkdir(join(mount, 'folder'));
    await symlink('nowhere', join(mount, 'dangling'));
    await symlink('circle', join(mount, 'circle'));
    const refusal = open(dataset(source));
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toBeInstanceOf(DataError);
  });

  test('other bytes than data.digest names, with both digests', async () => {
    await writeFile(join(mount, 'train.csv'), 'a\n1\n');
    const refusal = open(dataset(claim('train.csv'), `sha256:${'0'.repeat(64)}`));
    await expect(refusal).rejects.toThrow(/wants sha256:0000000000000000…, the file has sha256:[0-9a-f]{16}…/);
  });

  test('a file that is written to while it is read', async () => {
    await writeFile(join(mount, 'train.csv'), 'a\n1\n');
    const source = await open(dataset(claim('train.csv')));
    await expect(checkUnchanged(source)).resolves.toBeUndefined();
    await writeFile(join(mount, 'train.csv'), 'a\n1\n2\n');
    await expect(checkUnchanged(source)).rejects.toThrow('it changed while it was read');
  });
});
