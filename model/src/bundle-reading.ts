// Reads and copies bundles on a file system (I/O). Nothing is read without its hash being checked, and files are read in
// pieces: how large they are costs no memory.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleError, fileError } from './bundle-error.ts';
import { canonicalBytes, digestOfBytes } from './digest.ts';
import { hasCode } from './error-code.ts';
import { makeDirectory } from './make-directory.ts';
import { type Manifest, manifestFile, manifestMaxBytes, parseManifest } from './manifest.ts';

/** Largest sum of a bundle's files, in bytes. */
const bundleMaxBytes = 64 * 1024 ** 3;

/** Bytes that are read at once. */
const pieceBytes = 1024 * 1024;

type ListedFile = Manifest['files'][number];

/** The node has less room than a bundle needs: no fault of the bundle. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

/** A bundle whose manifest is the right one; its files are checked as they are read. */
export type OpenedBundle = {
  readonly manifest: Manifest;
  /** The whole file. Throws BundleError when the bundle lists none of that name, or its bytes are not those that it lists. */
  read(path: string): Promise<Uint8Array>;
};

/**
 * Opens a bundle. `directory` is the bundle's own. Throws BundleError when it is missing, its manifest does not match the
 * digest, or it cannot be loaded here.
 */
export async function openBundle(directory: string, expectedDigest: string): Promise<OpenedBundle> {
  const manifest = await readManifest(directory, expectedDigest);
  const read = async (path: string) => {
    const file = manifest.files.find((each) => each.path === path);
    if (file !== undefined) return readWhole(directory, file);
    throw new BundleError('BundleUnsupported', `the bundle has no file ${path}; export the model again`);
  };
  return { manifest, read };
}

/** Reads every byte once and keeps none. Throws BundleError as `openBundle` and its `read` do. */
export async function verifyBundle(directory: string, expectedDigest: string): Promise<Manifest> {
  const manifest = await readManifest(directory, expectedDigest);
  for (const file of manifest.files) await readInPieces(directory, file, () => {});
  return manifest;
}

export type Copy = {
  readonly from: string;
  readonly to: string;
  readonly digest: string;
  /** Most bytes that the files may have; as many as there is room for when absent. */
  readonly maxBytes?: number | undefined;
};

/**
 * Copies a bundle, every byte checked on the way; the manifest is written last. `to` is made if need be, and files of an
 * earlier try are replaced. Throws BundleError as `verifyBundle` does, or when there are more than `maxBytes`; NoRoomError.
 */
export async function copyBundle({ from, to, digest, maxBytes }: Copy): Promise<Manifest> {
  const manifest = await readManifest(from, digest);
  refuseMoreThan(maxBytes, manifest);
  await makeDirectory(to);
  for (const { path } of manifest.files) await rm(join(to, path), { force: true });
  await refuseWithoutRoom(to, bytesOf(manifest));
  for (const file of manifest.files) await copyFile({ from, to }, file);
  await writeFile(join(to, manifestFile), canonicalBytes(manifest));
  return manifest;
}

/** Sum of the files that a manifest lists. */
export const bytesOf = ({ files }: Manifest): number => files.reduce((sum, file) => sum + file.bytes, 0);

/** Throws BundleError when the files have more bytes than was said. */
export function refuseMoreThan(maxBytes: number | undefined, manifest: Manifest): void {
  const bytes = bytesOf(manifest);
  if (maxBytes === undefined || bytes <= maxBytes) return;
  const problem = `lists ${bytes} bytes of files, more than the ${maxBytes} of bundle.bytes`;
  throw fileError('BundleCorrupt', manifestFile, problem);
}

async function refuseWithoutRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bytes <= bavail * bsize) return;
  const mebibytes = (count: number) => `${Math.ceil(count / 1024 ** 2)} MiB`;
  throw new NoRoomError(
    `the node has ${mebibytes(bavail * bsize)} of disk left, the bundle needs ${mebibytes(bytes)}: free or enlarge it`,
  );
}

async function copyFile({ from, to }: { from: string; to: string }, file: ListedFile): Promise<void> {
  const target = await open(join(to, file.path), 'w');
  try {
    await readInPieces(from, file, async (piece) => {
      await target.writeFile(piece);
    });
  } finally {
    await target.close();
  }
}

async function readManifest(directory: string, expectedDigest: string): Promise<Manifest> {
  const handle = await openFile(directory, manifestFile, 'BundleMissing');
  const bytes = await closing(handle, async () => {
    await checkSize(handle, manifestFile, (size) => size <= manifestMaxBytes);
    return handle.readFile();
  });
  const digest = digestOfBytes(bytes);
  if (digest !== expectedDigest) {
    throw fileError('BundleCorrupt', manifestFile, `has digest ${digest}, expected ${expectedDigest}`);
  }
  const manifest = parseManifest(bytes);
  if (bytesOf(manifest) <= bundleMaxBytes) return manifest;
  throw fileError('BundleUnsupported', manifestFile, `lists ${bytesOf(manifest)} bytes, more than ${bundleMaxBytes}`);
}

async function readWhole(directory: string, file: ListedFile): Promise<Uint8Array> {
  let whole = new Uint8Array(0);
  let at = 0;
  await readInPieces(directory, file, (piece) => {
    if (at === 0) whole = new Uint8Array(file.bytes);
    whole.set(piece, at);
    at += piece.length;
  });
  return whole;
}

/** Hands a listed file over piece by piece; what was handed over counts only when this returns. */
async function readInPieces(
  directory: string,
  file: ListedFile,
  take: (piece: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const handle = await openFile(directory, file.path, 'BundleCorrupt');
  const hash = createHash('sha256');
  await closing(handle, async () => {
    await checkSize(handle, file.path, (size) => size === file.bytes);
    const buffer = Buffer.allocUnsafe(pieceBytes);
    for (let left = file.bytes; ; ) {
      const { bytesRead } = await handle.read(buffer, 0, pieceBytes, null);
      if (bytesRead === 0) return;
      left -= bytesRead;
      if (left < 0) throw fileError('BundleCorrupt', file.path, 'grows while it is read');
      const piece = buffer.subarray(0, bytesRead);
      hash.update(piece);
      await take(piece);
    }
  });
  const digest = hash.digest('hex');
  if (digest === file.sha256) return;
  throw fileError('BundleCorrupt', file.path, `has sha256 ${digest}, the manifest says ${file.sha256}`);
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

async function closing<T>(handle: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await handle.close();
  }
}

async function checkSize(handle: FileHandle, name: string, fits: (size: number) => boolean): Promise<void> {
  const status = await handle.stat();
  if (!status.isFile()) throw fileError('BundleCorrupt', name, 'is not a regular file');
  if (!fits(status.size)) throw fileError('BundleCorrupt', name, `has a wrong size of ${status.size} bytes`);
}
