// Sorts what can go wrong with an apiserver: an answer that refuses, no answer, or an answer that is not one.

/** What the apiserver's `Status` object said about a refused request. */
export interface ApiFailure {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  /** The words of whoever refused, without the request; `message` when absent. */
  readonly said?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** Paths of the fields that were refused, as `spec.replicas`. */
  readonly fields?: readonly string[] | undefined;
  /** Machine-readable reasons beside `reason`, as `ResourceVersionTooLarge`. */
  readonly causes?: readonly string[] | undefined;
}

/** The apiserver answered and refused. `reason` is the machine-readable one of its `Status` object. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly said: string;
  readonly retryAfterSeconds: number | undefined;
  readonly fields: readonly string[];
  readonly causes: readonly string[];

  constructor(failure: ApiFailure) {
    super(failure.message);
    this.name = 'ApiError';
    this.status = failure.status;
    this.reason = failure.reason;
    this.said = failure.said ?? failure.message;
    this.retryAfterSeconds = failure.retryAfterSeconds;
    this.fields = failure.fields ?? [];
    this.causes = failure.causes ?? [];
  }
}

/** The apiserver refused in the middle of a watch: the stream is over, and so is trust in its resource version. */
export class WatchError extends ApiError {}

/** No complete answer came: refused, reset, or not in time (`timedOut`). The request may have been carried out. */
export class NetworkError extends Error {
  readonly timedOut: boolean;

  constructor(message: string, options: { cause?: unknown; timedOut?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.name = 'NetworkError';
    this.timedOut = options.timedOut ?? false;
  }
}

/** What came is not what the protocol promises: a line that is not JSON, an object without a name. */
export class ShapeError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'ShapeError';
  }
}

/** A write was asked for while the process may not write: it is not, or no longer, the leader. */
export class FencedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FencedError';
  }
}

/** No object of that name. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/**
 * The object changed since it was read, or is another one of the same name: a server-side apply with the UID of a
 * predecessor is answered with 422 on `metadata.uid`, not with 409.
 */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.status === 422) return error.fields.includes('metadata.uid');
  return error.status === 409 && error.reason !== 'AlreadyExists';
}

/** An object of that name exists. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason === 'AlreadyExists';
}

/** The resource version or the continue token is too old; only a new list helps. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired');
}

/** The apiserver that was asked has not come as far as the version asked for, or never will: etcd was restored. */
export function isFromTheFuture(error: unknown): boolean {
  return error instanceof ApiError && error.causes.includes('ResourceVersionTooLarge');
}

/** The apiserver refused the object itself. */
export function isInvalid(error: unknown): boolean {
  if (isConflict(error)) return false;
  return error instanceof ApiError && (error.status === 422 || error.status === 400);
}

/** Whoever admits objects said no, or could not be asked: such an answer may have any status. */
const byAdmission = /admission webhook|calling webhook|denied (?:the )?request/;

/** Answers that say nothing of the object: who asks, when, how often, and from which version. */
const notOfTheObject = [401, 408, 409, 410, 429];

/**
 * The apiserver, or what it asks before it stores an object (quota, policy, webhook), does not want the object as it is.
 * The same object may be taken later, when a person has changed something.
 */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (byAdmission.test(error.said)) return true;
  return error.status >= 400 && error.status < 500 && !notOfTheObject.includes(error.status) && !isConflict(error);
}

/** No answer came in time. A webhook that does not answer looks like this, too. */
export function isTimeout(error: unknown): boolean {
  return error instanceof NetworkError && error.timedOut;
}

/** True when the same request may well succeed later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  return error instanceof ApiError && (error.status === 429 || error.status >= 500);
}

/** How long the apiserver asked us to wait, in milliseconds. */
export function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof ApiError) || error.retryAfterSeconds === undefined) return undefined;
  return error.retryAfterSeconds * 1000;
}
