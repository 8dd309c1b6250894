// The one error that a client is told about: an HTTP status and a sentence that names the field and the remedy.
import { cutEnd, printable } from '@sluice/crds/text.ts';

const maxMessageLength = 200;
const maxQuotedLength = 40;

/** A request that is answered with `{"error": message}` and `status`. The message is cut at 200 characters. */
export class RequestError extends Error {
  readonly status: number;
  /** Whole seconds after which the same request may be tried again; sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;
  /** What the answer's body has besides `error`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, message: string, options: RequestErrorOptions = {}) {
    super(cutEnd(printable(message), maxMessageLength), options);
    this.name = 'RequestError';
    this.status = status;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details ?? {};
  }
}

type RequestErrorOptions = ErrorOptions & { retryAfterSeconds?: number; details?: Readonly<Record<string, unknown>> };

/** 400: the client can mend the request. */
export const badRequest = (message: string): RequestError => new RequestError(400, message);

/** Text that a client chose, made safe and short enough to stand in a message. */
export function quoted(text: string): string {
  return JSON.stringify(cutEnd(printable(text), maxQuotedLength));
}
