// Publishes bundles on a file system (I/O). A bundle appears under its name only when it is complete.
import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleError } from './bundle-error.ts';
import { verifyBundle } from './bundle-reading.ts';
import { canonicalBytes } from './digest.ts';
import { hasCode } from './error-code.ts';
import { makeDirectory } from './make-directory.ts';
import {
  bundleDirectory,
  type Manifest,
  type ManifestContent,
  manifestDigest,
  manifestFile,
  parseManifest,
  runFile,
} from './manifest.ts';

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
  await makeDirectory(directory);
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
    await verifyBundle(directory, digest);
    return true;
  } catch (error) {
    if (error instanceof BundleError) return false;
    throw error;
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
