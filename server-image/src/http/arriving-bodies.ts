// Reads bodies as they arrive, within the memory that is set aside for them. A body holds what has come of it, not what it
// says: a client that is slow, or never sends the rest, takes no memory that somebody else needs.
import type { IncomingMessage } from 'node:http';
import { RequestError } from '../protocol/request-error.ts';
import type { ByteBudget } from './byte-budget.ts';
import { clientLeft } from './error-answer.ts';
import { overloaded } from './request-body.ts';

/** After so long a body has had its time: it goes when its memory is needed. */
const patienceMs = 2000;

type Arrival = {
  readonly startedAt: number;
  /** Gives its memory back; the client is told. */
  refuse(error: RequestError): void;
};

export class ArrivingBodies {
  readonly #budget: ByteBudget;
  readonly #maxBytes: number;
  /** In the order in which they began. */
  readonly #arriving = new Set<Arrival>();

  /** @param maxBytes limit of a single request */
  constructor(budget: ByteBudget, maxBytes: number) {
    this.#budget = budget;
    this.#maxBytes = maxBytes;
  }

  /**
   * The whole body; its bytes stay taken out of the budget. Rejects with RequestError: 413 beyond the limit, 408 for one
   * that took long and whose memory was needed, 429 when there is none, and when the client leaves.
   */
  read(request: IncomingMessage): Promise<Buffer> {
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > this.#maxBytes) return Promise.reject(this.#tooLarge());
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = () => {
      this.#arriving.delete(arrival);
      request.off('data', take).off('end', finish).off('close', leave);
    };
    const arrival: Arrival = {
      startedAt: performance.now(),
      refuse: (error) => {
        end();
        this.#budget.give(bytes);
        reject(error);
      },
    };
    const take = (chunk: Buffer) => {
      if (bytes + chunk.length > this.#maxBytes) return arrival.refuse(this.#tooLarge());
      if (!this.#hasRoom(chunk.length, arrival)) return arrival.refuse(overloaded());
      bytes += chunk.length;
      chunks.push(chunk);
    };
    const finish = () => {
      end();
      resolve(Buffer.concat(chunks, bytes));
    };
    const leave = () => arrival.refuse(clientLeft());
    this.#arriving.add(arrival);
    request.on('data', take).once('end', finish).once('close', leave);
    return promise;
  }

  /** Takes so many bytes, from the slowest that has had its time if there are no others. */
  #hasRoom(bytes: number, own: Arrival): boolean {
    while (!this.#budget.take(bytes)) {
      const [slowest] = this.#arriving;
      if (!slowest || slowest === own || performance.now() - slowest.startedAt < patienceMs) return false;
      slowest.refuse(new RequestError(408, 'the body came slowly, and its memory was needed; send it in one go'));
    }
    return true;
  }

  #tooLarge(): RequestError {
    return new RequestError(413, `the body is larger than ${this.#maxBytes} bytes; send fewer rows per request`);
  }
}
