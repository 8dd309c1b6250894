// Knows whether a write is on its way: a process that gives up its leadership must not leave one behind.
import type { Transport } from './transport.ts';

/** A transport that counts the writes it has begun and not yet heard of. */
export class CountedTransport implements Transport {
  readonly #inner: Transport;
  #writes = 0;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  /** Writes that may still be carried out. */
  get writesUnderWay(): number {
    return this.#writes;
  }

  request: Transport['request'] = async (wanted) => {
    const count = wanted.method === 'GET' ? 0 : 1;
    this.#writes += count;
    try {
      return await this.#inner.request(wanted);
    } finally {
      this.#writes -= count;
    }
  };

  stream: Transport['stream'] = (wanted) => this.#inner.stream(wanted);

  close(): Promise<void> {
    return this.#inner.close();
  }
}
