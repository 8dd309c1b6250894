// A body of the protocol's binary extension: JSON, then the bytes of each tensor that says `binary_data_size`.
import { badRequest, quoted } from './request-error.ts';

/** The header that says how long the JSON at the beginning is. */
export const jsonLengthHeader = 'inference-header-content-length';

/** The JSON of a body and what follows it; without the header all of it is JSON. Throws RequestError. */
export function splitBody(bytes: Uint8Array, header: unknown): { json: Uint8Array; rest: Uint8Array | undefined } {
  if (header === undefined) return { json: bytes, rest: undefined };
  const length = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : Number.NaN;
  if (length === 0) {
    throw badRequest('Inference-Header-Content-Length is 0: raw requests are not offered; send JSON before the bytes');
  }
  if (!(length <= bytes.length)) {
    throw badRequest(
      `Inference-Header-Content-Length must be the number of bytes of the JSON, at most the body's ${bytes.length}`,
    );
  }
  return { json: bytes.subarray(0, length), rest: bytes.subarray(length) };
}

/** Hands out the bytes behind the JSON, in the order of the inputs. */
export class BinaryData {
  readonly #bytes: Uint8Array | undefined;
  #offset = 0;

  /** `bytes`: undefined when the request did not say where its JSON ends. */
  constructor(bytes: Uint8Array | undefined) {
    this.#bytes = bytes;
  }

  /** The next `size` bytes. Throws RequestError when there are not so many. */
  take(size: unknown, input: string): Uint8Array {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw badRequest(`input ${quoted(input)}: parameters.binary_data_size must be a number of bytes`);
    }
    if (!this.#bytes) {
      const remedy = 'say how long the JSON is in the header Inference-Header-Content-Length';
      throw badRequest(`input ${quoted(input)} has binary_data_size, but nothing follows the JSON; ${remedy}`);
    }
    const left = this.#bytes.length - this.#offset;
    if (size > left) {
      throw badRequest(`input ${quoted(input)} has binary_data_size ${size}; the body has ${left} bytes left for it`);
    }
    this.#offset += size;
    return this.#bytes.subarray(this.#offset - size, this.#offset);
  }

  /** Throws RequestError when bytes are left that belong to no input. */
  end(): void {
    const left = (this.#bytes?.length ?? 0) - this.#offset;
    if (left > 0) throw badRequest(`the body has ${left} bytes more than its inputs say in binary_data_size`);
  }
}
