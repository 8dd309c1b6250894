// Maps everything that can go wrong with a request to a status and a sentence.
import { nonFiniteStatus } from '@sluice/crds/contract.ts';
import { RequestError } from '../protocol/request-error.ts';
import type { PredictFailure } from '../workers/messages.ts';
import { PoolError, type PoolFailure } from '../workers/pool-error.ts';

const retryAfterSeconds = 1;
/** The answer to a defect. */
export const unforeseenMessage = 'internal error; the server log has the details';

/** nginx's number for a client that left; only the metrics see it. */
export const clientLeftStatus = 499;

export const clientLeft = () => new RequestError(clientLeftStatus, 'the client left before its answer');

const poolStatus: { readonly [failure in PoolFailure]: number } = {
  QueueFull: 429,
  TimedOut: 503,
  WorkerLost: 500,
  Cancelled: clientLeftStatus,
  Closed: 503,
};

/** What fastify itself refuses, by its error code; the limit is the body's, in bytes. */
function frameworkError(code: unknown, limit: number): RequestError | undefined {
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new RequestError(413, `the body is larger than ${limit} bytes; send fewer rows per request`);
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new RequestError(415, 'the body must be JSON; send Content-Type: application/json');
  }
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') {
    return new RequestError(400, 'the body is not as long as Content-Length says');
  }
  if (code === 'FST_ERR_BAD_URL') return new RequestError(400, 'the path is not a valid URL; escape its % signs');
  return undefined;
}

/** What the client is told. An unforeseen error is a 500 without its message, which goes to the log. */
export function asRequestError(error: unknown, maxRequestBytes: number): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof PoolError) {
    const status = poolStatus[error.failure];
    const options = status === 429 || status === 503 ? { cause: error, retryAfterSeconds } : { cause: error };
    return new RequestError(status, error.message, options);
  }
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET') return clientLeft();
  const known = frameworkError(code, maxRequestBytes);
  return known ?? new RequestError(500, unforeseenMessage, { cause: error });
}

/** What a worker could not do. A defect of ours is an ordinary Error: its message is for the log. */
export function predictionError(failure: PredictFailure): Error {
  if (failure.kind === 'NonFinite') {
    return new RequestError(nonFiniteStatus, failure.message, { details: { nonfinite_rows: failure.firstRows } });
  }
  return failure.kind === 'BadInput' ? new RequestError(400, failure.message) : new Error(failure.message);
}
