// Cuts the bytes of a watch into lines of JSON and says what each line means.
import { ShapeError, WatchError } from '../errors.ts';
import { decodeStored, isRecord, type KubeObject, type Resource, type Stored } from '../objects.ts';

/** What the apiserver tells a watcher. */
export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** etcd stores at most 1.5 MiB an object, and JSON at most doubles it; longer lines are no watch. */
const LONGEST_LINE_BYTES = 8 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Splits a byte stream at newlines; empty lines are dropped, the rest after the last newline is not a line. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8');
      parts = [];
      pendingBytes = 0;
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    parts.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > LONGEST_LINE_BYTES)
      throw new ShapeError(`watch: a line of more than ${LONGEST_LINE_BYTES} bytes`);
  }
}

/**
 * Reads one line.
 * @throws WatchError for an event of type ERROR, ShapeError for anything that is not a watch event.
 */
export function decodeWatchLine<T extends KubeObject>(resource: Resource, line: string): WatchEvent<T> {
  const event = parseLine(line);
  const object = event['object'];
  if (!isRecord(object)) throw new ShapeError('watch: an event without an object');
  switch (event['type']) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: event['type'], object: decodeStored<T>(resource, object) };
    case 'BOOKMARK':
      return { type: 'BOOKMARK', resourceVersion: bookmarkVersion(object) };
    case 'ERROR':
      throw watchError(object);
    default:
      throw new ShapeError(`watch: unknown event type ${String(event['type'])}`);
  }
}

function parseLine(line: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(line);
    if (isRecord(parsed)) return parsed;
  } catch (cause) {
    throw new ShapeError('watch: a line that is not JSON', { cause });
  }
  throw new ShapeError('watch: a line that is not an object');
}

function bookmarkVersion(object: Record<string, unknown>): string {
  const metadata = object['metadata'];
  const version = isRecord(metadata) ? metadata['resourceVersion'] : undefined;
  if (typeof version !== 'string') throw new ShapeError('watch: a bookmark without a resourceVersion');
  return version;
}

function watchError(status: Record<string, unknown>): WatchError {
  const { code, reason, message } = status;
  return new WatchError({
    status: typeof code === 'number' ? code : 500,
    reason: typeof reason === 'string' ? reason : 'Unknown',
    message: `watch: ${typeof message === 'string' ? message : 'the apiserver sent an error without a message'}`,
  });
}
