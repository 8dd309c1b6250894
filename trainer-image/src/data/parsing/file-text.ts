// Bytes of a data file as text: which encoding it has is told by its first bytes, and what is no text is refused by name.
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { DataError } from '@sluice/model/data-error.ts';
import { codeOf } from '@sluice/model/error-code.ts';
import type { SourceFile } from '../source-file.ts';
import { byteOrderMark, foreignFile, utf16Without } from './first-bytes.ts';

const pieceBytes = 256 * 1024;

/** What is done about every fault of a file. */
const remedy = 'correct the file and set a new retryToken.';

/** A `DataError` about the file, with the line where there is one. */
export function fileFault({ field }: Pick<SourceFile, 'field'>, fault: string, line?: number): DataError {
  return new DataError(`${field}:${line === undefined ? '' : ` line ${line}:`} ${fault}; ${remedy}`);
}

/**
 * The text of the file, piece by piece, without a byte order mark. UTF-8, or UTF-16 where the first bytes show it.
 * Throws `DataError` for a file of another kind, for bytes that are not of the encoding and for NUL characters.
 */
export async function* readText(source: SourceFile): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let lines = 0;
  for await (const bytes of createReadStream(source.path, { highWaterMark: pieceBytes })) {
    const piece: Buffer = bytes;
    decoder ??= decoderFor(source, piece);
    const text = decode(decoder, piece, { source, lines });
    const nul = text.indexOf('\0');
    if (nul !== -1) {
      throw fileFault(source, 'it has a NUL character, which no text has', lines + countLines(text.slice(0, nul)) + 1);
    }
    lines += countLines(text);
    yield text;
  }
  decode(decoder ?? new TextDecoder(), undefined, { source, lines });
}

function decoderFor(source: SourceFile, head: Buffer): TextDecoder {
  const foreign = foreignFile(head);
  if (foreign !== undefined) throw fileFault(source, `it is ${foreign}, not text; unpack or convert it`);
  return new TextDecoder(byteOrderMark(head) ?? utf16Without(head) ?? 'utf-8', { fatal: true });
}

type Place = { readonly source: SourceFile; readonly lines: number };

/** @param piece undefined at the end, where nothing may be left over */
function decode(decoder: TextDecoder, piece: Buffer | undefined, { source, lines }: Place): string {
  try {
    return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
  } catch (cause) {
    if (codeOf(cause) !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw cause;
    const name = decoder.encoding.toUpperCase();
    const line = piece === undefined || name !== 'UTF-8' ? undefined : lines + linesBefore(piece) + 1;
    throw fileFault(source, `it is not ${name}: save it as UTF-8`, line);
  }
}

/** Line ends before the first byte that is not UTF-8; a character that the piece cuts at its beginning is on the same line. */
function linesBefore(piece: Buffer): number {
  let start = 0;
  while (start < 3 && ((piece[start] ?? 0) & 0xc0) === 0x80) start++;
  let [good, bad] = [start, piece.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isUtf8(wholeCharacters(piece.subarray(start, middle)))) good = middle;
    else bad = middle;
  }
  return countLines(piece.subarray(0, good).toString('latin1'));
}

/** Without the beginning of a character at the end. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte >= 0xc0) return bytes.subarray(0, bytes.length - back);
  }
  return bytes;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  if (count > 0) return count;
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 1)) count++;
  return count;
}
