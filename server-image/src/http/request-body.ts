// The body of a request as bytes: whatever its type says, and without its compression, within the server's memory.
import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib';
import { RequestError } from '../protocol/request-error.ts';
import type { ByteBudget } from './byte-budget.ts';

type Decompress = (bytes: Uint8Array, options: ZlibOptions) => Promise<Buffer>;

const gzip: Decompress = promisify<Uint8Array, ZlibOptions, Buffer>(gunzip);

/** By Content-Encoding; `deflate` is zlib's format, as HTTP has it. */
const decompressors: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', promisify<Uint8Array, ZlibOptions, Buffer>(inflate)],
  ['br', promisify<Uint8Array, ZlibOptions, Buffer>(brotliDecompress)],
]);

const encodingOf = (headers: IncomingHttpHeaders): string =>
  (headers['content-encoding'] ?? '').trim().toLowerCase() || 'identity';

/** Throws RequestError (415) for an encoding that cannot be undone. */
export function checkEncoding(headers: IncomingHttpHeaders): void {
  const encoding = encodingOf(headers);
  if (encoding === 'identity' || decompressors.has(encoding)) return;
  const remedy = 'send gzip, deflate or br, or the body uncompressed';
  throw new RequestError(415, `Content-Encoding ${encoding.slice(0, 40)} is not supported; ${remedy}`);
}

/** A type that is none says nothing: it is taken away, as fastify refuses it before the bytes are looked at. */
export function dropInvalidType(headers: IncomingHttpHeaders): void {
  if (!/^[^\s/;]+\/[^\s/;]+/.test(headers['content-type'] ?? '')) delete headers['content-type'];
}

/** One body at a time: what it becomes is known, and counted, before the next one begins. */
export class BodyDecoder {
  readonly #budget: ByteBudget;
  readonly #maxBytes: number;
  #last: Promise<unknown> = Promise.resolve();

  /** @param maxBytes limit of a single request, uncompressed */
  constructor(budget: ByteBudget, maxBytes: number) {
    this.#budget = budget;
    this.#maxBytes = maxBytes;
  }

  /**
   * The plain body. Throws RequestError: 400 for bytes that are no such encoding, 413 for what would be too large, 429
   * when there is no memory for it now.
   * @param taken told how many bytes more are held for this request
   */
  decode(bytes: Uint8Array, headers: IncomingHttpHeaders, taken: (bytes: number) => void): Promise<Uint8Array> {
    const decompress = decompressors.get(encodingOf(headers));
    if (!decompress) return Promise.resolve(bytes);
    const decoded = this.#last.then(async () => {
      const plain = await decompress(bytes, { maxOutputLength: this.#maxBytes }).catch((error: unknown) => {
        throw this.#refusal(error, encodingOf(headers));
      });
      if (!this.#budget.take(plain.length)) throw overloaded();
      taken(plain.length);
      return plain;
    });
    this.#last = decoded.catch(() => undefined);
    return decoded;
  }

  #refusal(error: unknown, encoding: string): RequestError {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      return new RequestError(
        413,
        `the uncompressed body is larger than ${this.#maxBytes} bytes; send fewer rows per request`,
      );
    }
    return new RequestError(400, `the body is not ${encoding}, as Content-Encoding says; compress all of it, once`);
  }
}

/** 429: the memory that is set aside for requests is in use. */
export const overloaded = () =>
  new RequestError(429, 'too many large requests are in flight; try again later', { retryAfterSeconds: 1 });
