// Writes, reads and copies bundles on a file system (I/O). Nothing is read without its hash being checked, and a bundle
// appears under its name only when it is complete.
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleError, fileError } from './bundle-error.ts';
import { canonicalBytes, digestOfBytes } from './digest.ts';
import {
  bundleDirectory,
  type Manifest,
  type ManifestContent,
  manifestDigest,
  manifestFile,
  manifestMaxBytes,
  parseManifest,
  runFile,
} from './manifest.ts';

/** Largest sum of a bundle's files, in bytes. */
export const bundleMaxBytes = 4 * 1024 ** 3;

type ListedFile = Manifest['files'][number];

export type BundleSource = {
  /** The model's directory in the storage. */
  readonly storageDirectory: string;
  /** Content by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly manifest: ManifestContent;
  /** Facts about this run alone (times, uids, durations); written beside the bundle, no part of its identity. */
  readonly run?: unknown;
};

export type WrittenBundle = {
  readonly digest: string;
  /** Name of the directory below `storageDirectory`. */
  readonly directory: string;
  /** Sum of the manifest and all files it lists. */
  readonly bytes: number;
  readonly manifest: Manifest;
};

/**
 * Publishes a bundle: written to a temporary place beside, synced, manifest last, then renamed. A good bundle of the
 * same digest is left as it is; a damaged one is replaced. Safe to repeat, and to run twice at the same time.
 */
export async function writeBundle(source: BundleSource): Promise<WrittenBundle> {
  const manifest: Manifest = { ...source.manifest, files: listFiles(source.files) };
  const manifestBytes = canonicalBytes(manifest);
  parseManifest(manifestBytes);
  const digest = manifestDigest(manifest);
  const directory = bundleDirectory(digest);
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, manifestBytes.length);
  const path = join(source.storageDirectory, directory);
  if (!(await holdsBundle(path, digest))) await publish(source, { path, digest, manifestBytes });
  return { digest, directory, bytes, manifest };
}

function listFiles(files: ReadonlyMap<string, Uint8Array>): ListedFile[] {
  return [...files.keys()].sort().map((path) => {
    const bytes = files.get(path) ?? new Uint8Array();
    return { path, sha256: sha256(bytes), bytes: bytes.length };
  });
}

async function publish(source: BundleSource, target: { path: string; digest: string; manifestBytes: Uint8Array }) {
  const temporary = join(source.storageDirectory, `.writing-${randomUUID()}`);
  const damaged = `${temporary}-damaged`;
  try {
    await writeAll(temporary, source, target.manifestBytes);
    if (!(await renameUnlessTaken(temporary, target.path)) && !(await holdsBundle(target.path, target.digest))) {
      await rename(target.path, damaged);
      await rename(temporary, target.path);
    }
    await syncDirectory(source.storageDirectory);
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await rm(damaged, { recursive: true, force: true });
  }
}

async function writeAll(directory: string, source: BundleSource, manifestBytes: Uint8Array): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, bytes] of source.files) await writeSynced(join(directory, name), bytes);
  if (source.run !== undefined) await writeSynced(join(directory, runFile), canonicalBytes(source.run));
  await writeSynced(join(directory, manifestFile), manifestBytes);
  await syncDirectory(directory);
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes, { flag: 'wx', flush: true });
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** False when something is there already. */
async function renameUnlessTaken(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) return false;
    throw error;
  }
}

async function holdsBundle(directory: string, digest: string): Promise<boolean> {
  try {
    const manifest = await readManifest(directory, digest);
    for (const file of manifest.files) await readListed(directory, file);
    return true;
  } catch (error) {
    if (error instanceof BundleError) return false;
    throw error;
  }
}

/**
 * Reads a bundle into memory, every byte checked. `directory` is the bundle's own.
 * Throws BundleError when it is missing, its bytes do not match the digest, or it cannot be loaded here.
 */
export async function readBundle(
  directory: string,
  expectedDigest: string,
): Promise<{ manifest: Manifest; files: Map<string, Uint8Array> }> {
  const manifest = await readManifest(directory, expectedDigest);
  const files = new Map<string, Uint8Array>();
  for (const file of manifest.files) files.set(file.path, await readListed(directory, file));
  return { manifest, files };
}

/**
 * Copies a bundle, every byte checked on the way; one file at a time is in memory, the manifest is written last. `to`
 * is made if need be, and files of an earlier try are replaced. Throws BundleError as `readBundle` does.
 */
export async function copyBundle(copy: { from: string; to: string; digest: string }): Promise<Manifest> {
  const manifest = await readManifest(copy.from, copy.digest);
  await mkdir(copy.to, { recursive: true });
  for (const file of manifest.files) await writeFile(join(copy.to, file.path), await readListed(copy.from, file));
  await writeFile(join(copy.to, manifestFile), canonicalBytes(manifest));
  return manifest;
}

async function readManifest(directory: string, expectedDigest: string): Promise<Manifest> {
  const handle = await openFile(directory, manifestFile, 'BundleMissing');
  const bytes = await readChecked(handle, manifestFile, (size) => size <= manifestMaxBytes);
  const digest = digestOfBytes(bytes);
  if (digest !== expectedDigest) {
    throw fileError('BundleCorrupt', manifestFile, `has digest ${digest}, expected ${expectedDigest}`);
  }
  const manifest = parseManifest(bytes);
  const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  if (total <= bundleMaxBytes) return manifest;
  throw fileError('BundleUnsupported', manifestFile, `lists ${total} bytes, more than ${bundleMaxBytes}`);
}

async function readListed(directory: string, file: ListedFile): Promise<Uint8Array> {
  const handle = await openFile(directory, file.path, 'BundleCorrupt');
  const bytes = await readChecked(handle, file.path, (size) => size === file.bytes);
  if (sha256(bytes) === file.sha256) return bytes;
  throw fileError('BundleCorrupt', file.path, `has sha256 ${sha256(bytes)}, the manifest says ${file.sha256}`);
}

/** Opens without following a link and without waiting for a pipe's writer. */
async function openFile(
  directory: string,
  name: string,
  absent: 'BundleMissing' | 'BundleCorrupt',
): Promise<FileHandle> {
  try {
    return await open(join(directory, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if (hasCode(cause, 'ENOENT', 'ENOTDIR')) {
      throw fileError(absent, name, `does not exist in ${directory}`, cause);
    }
    if (hasCode(cause, 'ELOOP')) throw fileError('BundleCorrupt', name, 'is a link', cause);
    throw cause;
  }
}

/** The content of a regular file whose size is right, and closes it. */
async function readChecked(handle: FileHandle, name: string, fits: (size: number) => boolean): Promise<Uint8Array> {
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw fileError('BundleCorrupt', name, 'is not a regular file');
    if (!fits(status.size)) throw fileError('BundleCorrupt', name, `has a wrong size of ${status.size} bytes`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function hasCode(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
