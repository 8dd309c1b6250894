// Finds the data file below the mount and takes the sha256 of its bytes: a model is tied to exactly these bytes.
import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '@sluice/crds/dataset.ts';
import { type Location, type LocationType, sourceField, sourceLocation } from '@sluice/crds/locations.ts';
import { DataError, quoted } from '@sluice/model/data-error.ts';
import { codeOf } from '@sluice/model/error-code.ts';

/** The file that `spec.data.source` names. */
export type SourceFile = {
  readonly path: string;
  /** How messages call it: the field and its value. */
  readonly field: string;
  readonly bytes: number;
  readonly digest: string;
  /** Changes when the file is written to. */
  readonly stamp: string;
};

/** File system errors that say that the path is wrong, not the storage. */
const pathErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: "the file may not be read by the pod's user or group",
  EPERM: "the file may not be read by the pod's user or group",
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'a part of its path is longer than the volume allows',
};

/**
 * Opens the source below `mount` and reads it once for its digest. `alive` is called now and then.
 * Throws `DataError` when it is missing, empty, not a file, or not the file that `spec.data.digest` names.
 */
export async function openSource(
  mount: string,
  data: Pick<Dataset, 'source' | 'digest'>,
  alive: () => Promise<void>,
): Promise<SourceFile> {
  const location = sourceLocation(data.source);
  const label = `spec.data.source.${sourceField(data.source)} ${quoted(location.path)}`;
  const path = pathOf(mount, location);
  const found = await explain(label, () => stat(path));
  if (!found.isFile()) throw new DataError(`${label}: it is a directory; name one file.`);
  if (found.size === 0) throw new DataError(`${label}: the file is empty; write the data and set a new retryToken.`);
  const digest = await explain(label, () => digestFile(path, alive));
  if (data.digest !== undefined && data.digest !== digest) {
    throw new DataError(
      `spec.data.digest wants ${shorten(data.digest)}, the file has ${shorten(digest)}: restore the file, or create a new TrainingJob with its digest.`,
    );
  }
  return { path, field: label, bytes: found.size, digest, stamp: stampOf(found) };
}

/** Throws `DataError` when the file was written to since `openSource` looked at it. */
export async function checkUnchanged(source: SourceFile): Promise<void> {
  const found = await explain(source.field, () => stat(source.path));
  if (stampOf(found) === source.stamp) return;
  throw new DataError(`${source.field}: it changed while it was read; write a new file beside it and rename it.`);
}

/** Where the file of each place is in the pod. */
const openers: { readonly [Type in LocationType]: (mount: string, place: Location<Type>) => string } = {
  Claim: (mount, { path }) => join(mount, path),
  ConfigMap: (mount, { path }) => join(mount, path),
};

const pathOf = <Type extends LocationType>(mount: string, location: Location<Type>) =>
  openers[location.type](mount, location);

function stampOf(found: Stats): string {
  return `${found.ino} ${found.size} ${found.mtimeMs}`;
}

/** Enough of a digest to tell two apart in a message of 200 characters. */
function shorten(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 16)}…`;
}

async function explain<T>(label: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const reason = pathErrors[codeOf(cause)];
    if (reason === undefined) throw cause;
    throw new DataError(`${label}: ${reason}; put it there and set a new retryToken.`, { cause });
  }
}

async function digestFile(path: string, alive: () => Promise<void>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    await alive();
  }
  return `sha256:${hash.digest('hex')}`;
}
