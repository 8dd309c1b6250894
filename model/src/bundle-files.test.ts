import {
  access,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  statfs,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BundleError } from './bundle-error.ts';
import { type WrittenBundle, writeBundle } from './bundle-files.ts';
import { copyBundle, openBundle, verifyBundle } from './bundle-reading.ts';
import { canonicalBytes, digestOfBytes } from './digest.ts';
import { bundleDirectory, type Manifest } from './manifest.ts';
import { sampleManifest } from './testing/sample-manifest.ts';

const encoder = new TextEncoder();
const files = new Map([
  ['model.json', encoder.encode('{"layers":[]}')],
  ['weights.bin', new Uint8Array(4096).map((_, index) => index % 251)],
]);

let storage: string;

beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), 'sluice-bundle-'));
});

afterEach(async () => {
  await rm(storage, { recursive: true, force: true });
});

const write = (run?: unknown) => writeBundle({ storageDirectory: storage, files, manifest: sampleManifest, run });
const pathOf = (bundle: WrittenBundle, ...names: string[]) => join(storage, bundle.directory, ...names);

/** The whole bundle, as an engine that needs every file reads it. */
async function readBundle(directory: string, expected: string) {
  const { manifest, read } = await openBundle(directory, expected);
  const contents = new Map<string, Uint8Array>();
  for (const { path } of manifest.files) contents.set(path, await read(path));
  return { manifest, files: contents };
}

async function rejection(promise: Promise<unknown>): Promise<BundleError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof BundleError) return error;
  throw new Error('expected a BundleError', { cause: error });
}

/** Stores a manifest as a bundle of its own, whatever it lists. */
async function plant(manifest: unknown): Promise<{ directory: string; digest: string }> {
  const bytes = manifest instanceof Uint8Array ? manifest : canonicalBytes(manifest);
  const digest = digestOfBytes(bytes);
  const directory = join(storage, bundleDirectory(digest));
  await mkdir(directory);
  await writeFile(join(directory, 'manifest.json'), bytes);
  return { directory, digest };
}

const listing = (path: string): Manifest => ({
  ...sampleManifest,
  files: [{ path, sha256: 'c'.repeat(64), bytes: 5 }],
});

describe('writeBundle', () => {
  test('publishes every file under the digest, and leaves nothing else behind', async () => {
    const bundle = await write({ startedAt: '2026-01-01T00:00:00Z' });
    expect(await readdir(storage)).toEqual([bundle.directory]);
    expect((await readdir(pathOf(bundle))).sort()).toEqual(['manifest.json', 'model.json', 'run.json', 'weights.bin']);
    expect(digestOfBytes(await readFile(pathOf(bundle, 'manifest.json')))).toBe(bundle.digest);
    expect(bundle.bytes).toBe((await readFile(pathOf(bundle, 'manifest.json'))).length + 13 + 4096);
  });

  test('gives the same digest to runs that differ in times only', async () => {
    const [first, second] = [await write({ seconds: 1 }), await write({ seconds: 2 })];
    expect(second.digest).toBe(first.digest);
    expect(JSON.parse(await readFile(pathOf(first, 'run.json'), 'utf8'))).toEqual({ seconds: 1 });
  });

  test('gives the same digest whatever the order of the files', async () => {
    const turned = new Map([...files].reverse());
    const bundle = await writeBundle({ storageDirectory: storage, files: turned, manifest: sampleManifest });
    expect(bundle.digest).toBe((await write()).digest);
  });

  test('gives another digest when one byte of a file differs', async () => {
    const other = new Map(files).set('model.json', encoder.encode('{"layers":[1]}'));
    const bundle = await writeBundle({ storageDirectory: storage, files: other, manifest: sampleManifest });
    expect(bundle.digest).not.toBe((await write()).digest);
  });

  test('succeeds for all of several writers at the same time', async () => {
    const bundles = await Promise.all(Array.from({ length: 8 }, () => write()));
    expect(new Set(bundles.map(({ digest }) => digest)).size).toBe(1);
    expect(await readdir(storage)).toEqual([bundles[0]?.directory]);
  });

  test('replaces a damaged bundle of the same digest', async () => {
    const bundle = await write();
    await truncate(pathOf(bundle, 'weights.bin'), 10);
    await write();
    expect((await readBundle(pathOf(bundle), bundle.digest)).files.get('weights.bin')).toHaveLength(4096);
    expect(await readdir(storage)).toEqual([bundle.directory]);
  });

  test.each(['../escape', 'a/b', '.hidden', 'manifest.json', 'run.json'])('refuses the file name %s', async (name) => {
    const bad = new Map([[name, new Uint8Array(1)]]);
    const error = await rejection(writeBundle({ storageDirectory: storage, files: bad, manifest: sampleManifest }));
    expect(error.reason).toBe('BundleUnsupported');
    expect(await readdir(storage)).toEqual([]);
  });
});

describe('a bundle that is opened, read and verified', () => {
  test('gives back the manifest and every byte', async () => {
    const bundle = await write();
    const read = await readBundle(pathOf(bundle), bundle.digest);
    expect(read.manifest).toEqual(bundle.manifest);
    expect([...read.files].map(([name, bytes]) => [name, [...bytes]])).toEqual(
      [...files].map(([name, bytes]) => [name, [...bytes]]),
    );
  });

  const corruptions: [string, string, (bundle: WrittenBundle) => Promise<unknown>][] = [
    ['a changed byte', 'weights.bin', (b) => writeFile(pathOf(b, 'weights.bin'), new Uint8Array(4096))],
    ['a truncated file', 'weights.bin', (b) => truncate(pathOf(b, 'weights.bin'), 4095)],
    ['a file that grew', 'weights.bin', (b) => truncate(pathOf(b, 'weights.bin'), 4097)],
    ['a missing file', 'weights.bin', (b) => rm(pathOf(b, 'weights.bin'))],
    ['a directory in place of a file', 'weights.bin', (b) => replaceByDirectory(pathOf(b, 'weights.bin'))],
    ['a link to equal bytes', 'weights.bin', (b) => replaceByLink(pathOf(b, 'weights.bin'))],
    ['a manifest that is a link', 'manifest.json', (b) => replaceByLink(pathOf(b, 'manifest.json'))],
    ['a changed manifest', 'manifest.json', (b) => writeFile(pathOf(b, 'manifest.json'), '{}')],
    ['two files swapped', 'model.json', (b) => swap(pathOf(b, 'model.json'), pathOf(b, 'weights.bin'))],
  ];

  test.each(corruptions)('refuses %s and names the file', async (_, file, corrupt) => {
    const bundle = await write();
    await corrupt(bundle);
    for (const look of [readBundle, verifyBundle]) {
      const error = await rejection(look(pathOf(bundle), bundle.digest));
      expect([error.reason, error.file]).toEqual(['BundleCorrupt', file]);
    }
  });

  test('refuses two swapped files of equal size', async () => {
    const twins = new Map([
      ['a.bin', encoder.encode('aaaa')],
      ['b.bin', encoder.encode('bbbb')],
    ]);
    const bundle = await writeBundle({ storageDirectory: storage, files: twins, manifest: sampleManifest });
    await swap(pathOf(bundle, 'a.bin'), pathOf(bundle, 'b.bin'));
    const error = await rejection(readBundle(pathOf(bundle), bundle.digest));
    expect([error.reason, error.file]).toEqual(['BundleCorrupt', 'a.bin']);
  });

  test('refuses a good bundle that is not the expected one', async () => {
    const bundle = await write();
    const error = await rejection(readBundle(pathOf(bundle), `sha256:${'0'.repeat(64)}`));
    expect([error.reason, error.file]).toEqual(['BundleCorrupt', 'manifest.json']);
  });

  test.each(['no directory', 'an unfinished bundle'])('calls %s missing', async (what) => {
    const directory = join(storage, 'sha256-absent');
    if (what !== 'no directory') await mkdir(directory);
    const error = await rejection(readBundle(directory, `sha256:${'0'.repeat(64)}`));
    expect([error.reason, error.file]).toEqual(['BundleMissing', 'manifest.json']);
  });

  test.each(['../secret', '/etc/passwd', 'a/../../b', '..', ''])('refuses a manifest that lists %j', async (path) => {
    await writeFile(join(storage, 'secret'), 'hello');
    const { directory, digest } = await plant(listing(path));
    expect((await rejection(readBundle(directory, digest))).reason).toBe('BundleUnsupported');
  });

  test.each([
    ['an unknown schema', { ...listing('a'), schema: 'sluice.dev/bundle/v2' }],
    ['an unknown member', { ...listing('a'), extra: 1 }],
    ['a file listed twice', { ...sampleManifest, files: [...listing('a').files, ...listing('a').files] }],
    [
      'more bytes than any bundle may have',
      { ...sampleManifest, files: [{ path: 'a', sha256: 'c'.repeat(64), bytes: 2 ** 40 }] },
    ],
  ])('calls a manifest with %s unsupported', async (_, manifest) => {
    const { directory, digest } = await plant(manifest);
    expect((await rejection(readBundle(directory, digest))).reason).toBe('BundleUnsupported');
  });

  test('refuses a manifest that is not canonical, although its bytes have the expected digest', async () => {
    const { directory, digest } = await plant(encoder.encode(JSON.stringify(listing('a'), null, 2)));
    const error = await rejection(readBundle(directory, digest));
    expect([error.reason, error.message]).toEqual(['BundleCorrupt', expect.stringContaining('canonical')]);
  });

  test('refuses a manifest that is too large to be one without reading it', async () => {
    const { directory, digest } = await plant({});
    await truncate(join(directory, 'manifest.json'), 17 * 1024 * 1024);
    expect((await rejection(readBundle(directory, digest))).message).toContain('wrong size');
  });
});

describe('copyBundle', () => {
  test('copies manifest and files, which then read as the same bundle, and leaves run.json', async () => {
    const bundle = await write({ seconds: 1 });
    const to = join(storage, 'copy');
    await copyBundle({ from: pathOf(bundle), to, digest: bundle.digest });
    expect((await readBundle(to, bundle.digest)).manifest).toEqual(bundle.manifest);
    expect((await readdir(to)).sort()).toEqual(['manifest.json', 'model.json', 'weights.bin']);
  });

  test('can be repeated over an unfinished copy', async () => {
    const bundle = await write();
    const to = join(storage, 'copy');
    await mkdir(to);
    await writeFile(join(to, 'weights.bin'), 'half');
    await copyBundle({ from: pathOf(bundle), to, digest: bundle.digest });
    expect((await readBundle(to, bundle.digest)).files.size).toBe(2);
  });

  test('copies nothing of a bundle that has more bytes than was said', async () => {
    const bundle = await write();
    const to = join(storage, 'copy');
    const error = await rejection(copyBundle({ from: pathOf(bundle), to, digest: bundle.digest, maxBytes: 4108 }));
    expect(error.message).toMatch(/lists 4109 bytes of files, more than the 4108 of bundle.bytes/);
    await expect(access(to)).rejects.toThrow('ENOENT');
    await copyBundle({ from: pathOf(bundle), to, digest: bundle.digest, maxBytes: 4109 });
  });

  test('copies nothing where the disk has no room, and says how much is needed', async () => {
    const { directory, digest } = await plant({
      ...listing('a'),
      files: [{ ...listing('a').files[0], bytes: 60 * 2 ** 30 }],
    });
    const free = await statfs(storage);
    const enough = free.bavail * free.bsize >= 60 * 2 ** 30;
    const refusal = copyBundle({ from: directory, to: join(storage, 'copy'), digest });
    await expect(refusal).rejects.toThrow(
      enough ? 'does not exist' : /the node has \d+ MiB of disk left, the bundle needs 61440 MiB/,
    );
  });

  test('leaves no manifest behind when a file is corrupt', async () => {
    const bundle = await write();
    await truncate(pathOf(bundle, 'weights.bin'), 1);
    const to = join(storage, 'copy');
    const error = await rejection(copyBundle({ from: pathOf(bundle), to, digest: bundle.digest }));
    expect([error.reason, error.file]).toEqual(['BundleCorrupt', 'weights.bin']);
    await expect(access(join(to, 'manifest.json'))).rejects.toThrow('ENOENT');
  });
});

async function replaceByLink(path: string): Promise<void> {
  await rename(path, `${path}.real`);
  await symlink(`${path}.real`, path);
}

async function replaceByDirectory(path: string): Promise<void> {
  await rm(path);
  await mkdir(path);
}

async function swap(a: string, b: string): Promise<void> {
  await rename(a, `${a}.aside`);
  await rename(b, a);
  await rename(`${a}.aside`, b);
}
