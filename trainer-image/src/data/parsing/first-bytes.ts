// What the first bytes of a file say about it, whatever its name is: a byte order mark, or that it is no text at all.

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));

/** Files that are given as tables by mistake, by how they begin. */
const foreignKinds: ReadonlyArray<readonly [name: string, start: readonly number[]]> = [
  ['compressed with gzip', [0x1f, 0x8b]],
  ['compressed with zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['compressed with xz', [0xfd, ...ascii('7zXZ')]],
  ['compressed with lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['compressed with bzip2', [...ascii('BZh9'), 0x31, 0x41, 0x59]],
  ['a zip archive or an Excel workbook', [...ascii('PK'), 0x03, 0x04]],
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a Parquet file', [...ascii('PAR1'), 0x15]],
  ['an Arrow file', [...ascii('ARROW1'), 0x00]],
  ['an Avro file', [...ascii('Obj'), 0x01]],
  ['an HDF5 file', [0x89, ...ascii('HDF')]],
  ['a SQLite database', [...ascii('SQLite format 3'), 0x00]],
  ['a NumPy array', [0x93, ...ascii('NUMPY')]],
  ['a pickle', [0x80, 0x04, 0x95]],
  ['a PDF document', ascii('%PDF-')],
  ['a web page', ascii('<!DOCTYPE')],
  ['a web page', ascii('<!doctype')],
  ['a web page', ascii('<html')],
  ['XML', ascii('<?xml')],
  ['a pointer of Git LFS', ascii('version https://git-lfs')],
];

/** What the file is, when it is no table in text. */
export function foreignFile(head: Uint8Array): string | undefined {
  return foreignKinds.find(([, start]) => start.every((byte, place) => head[place] === byte))?.[0];
}

/** The encoding that a byte order mark names. */
export function byteOrderMark(head: Uint8Array): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : undefined;
}

/** Bytes that show where the zeros are. */
const sampleBytes = 1024;

/** UTF-16 without a mark: Latin letters and digits have a zero as every second byte, and nothing else has. */
export function utf16Without(head: Uint8Array): string | undefined {
  const sample = head.subarray(0, Math.min(sampleBytes, head.length - (head.length % 2)));
  const zeros = [0, 0];
  sample.forEach((byte, place) => {
    if (byte === 0) zeros[place % 2] = (zeros[place % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  if (Math.max(even, odd) < sample.length / 4 || Math.min(even, odd) > 0) return undefined;
  return odd > even ? 'utf-16le' : 'utf-16be';
}
