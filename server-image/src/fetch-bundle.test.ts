import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeBundle } from '@sluice/model/bundle-files.ts';
import { sampleManifest } from '@sluice/model/testing/sample-manifest.ts';
import { fetchBundle } from './fetch-bundle.ts';

let storageDirectory: string;
let modelDirectory: string;
let digest: string;
let directory: string;
beforeEach(async () => {
  storageDirectory = await mkdtemp(join(tmpdir(), 'storage-'));
  modelDirectory = await mkdtemp(join(tmpdir(), 'model-'));
  const files = new Map([['model.json', Buffer.from('{}')]]);
  ({ digest, directory } = await writeBundle({ storageDirectory, files, manifest: sampleManifest }));
});
afterEach(async () => {
  await rm(storageDirectory, { recursive: true, force: true });
  await rm(modelDirectory, { recursive: true, force: true });
});

const fetchIt = (change: object = {}) =>
  fetchBundle({
    uri: `pvc://models/digits/${directory}`,
    digest,
    maxBytes: undefined,
    storageDirectory,
    modelDirectory,
    ...change,
  });

test('a good bundle is in place afterwards, also when an earlier try left something', async () => {
  await writeFile(join(modelDirectory, 'model.json'), 'half of it');
  await expect(fetchIt()).resolves.toBeNull();
  expect((await readdir(modelDirectory)).sort()).toEqual(['manifest.json', 'model.json']);
  expect(await readFile(join(modelDirectory, 'model.json'), 'utf8')).toBe('{}');
});

test('a bundle with a changed byte is refused by name of the file', async () => {
  await writeFile(join(storageDirectory, directory, 'model.json'), '[]');
  await expect(fetchIt()).resolves.toEqual({
    reason: 'BundleCorrupt',
    message: expect.stringMatching(/^model\.json /),
  });
});

test('a bundle that is only verified is not copied, and is refused as well', async () => {
  await expect(fetchIt({ modelDirectory: undefined })).resolves.toBeNull();
  expect(await readdir(modelDirectory)).toEqual([]);
  await writeFile(join(storageDirectory, directory, 'model.json'), '[]');
  await expect(fetchIt({ modelDirectory: undefined })).resolves.toMatchObject({ reason: 'BundleCorrupt' });
});

test.each([{}, { modelDirectory: undefined }])(
  'a bundle with more bytes than was said is refused: %j',
  async (change) => {
    await expect(fetchIt({ ...change, maxBytes: 2 })).resolves.toBeNull();
    await expect(fetchIt({ ...change, maxBytes: 1 })).resolves.toEqual({
      reason: 'BundleCorrupt',
      message: 'manifest.json lists 2 bytes of files, more than the 1 of bundle.bytes',
    });
  },
);

test('a bundle that is not there is refused', async () => {
  await rm(join(storageDirectory, directory), { recursive: true });
  await expect(fetchIt()).resolves.toMatchObject({ reason: 'BundleMissing' });
});

test.each(['s3://models/digits/', 'pvc://models/digits/../../etc', 'pvc://models/digits/sha256-00', ''])(
  'the uri %j is refused: it does not end in the directory of the digest',
  async (uri) => {
    await expect(fetchIt({ uri })).resolves.toEqual({
      reason: 'BundleMissing',
      message:
        `bundle.uri ${uri} must be pvc://<claim>/<model>/${directory}, the directory of bundle.digest`.replaceAll(
          '  ',
          ' ',
        ),
    });
  },
);

test('what is not the fault of the bundle is thrown, for the kubelet to try again', async () => {
  const file = join(modelDirectory, 'file');
  await writeFile(file, '');
  await expect(fetchIt({ modelDirectory: file })).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
});
