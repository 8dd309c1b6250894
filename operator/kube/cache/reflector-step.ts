// Decides what a reflector does after its list or watch ended: watch on, list anew, and how long to wait before.
import { ApiError, isExpired, isFromTheFuture, isNotFound, retryAfterMs, ShapeError, WatchError } from '../errors.ts';
import type { Missing } from './store.ts';

/** How the last list or watch ended. */
export type Ending =
  | { readonly how: 'closed'; readonly afterMs: number; readonly events: number }
  /** `inARow`: how many watches up to this one brought nothing, not even a bookmark. */
  | { readonly how: 'silent'; readonly inARow: number }
  | { readonly how: 'failed'; readonly error: unknown };

/** What to do next. `wait` is none, a short random pause, or the next step of the back-off (at least `minimumMs`). */
export interface NextStep {
  readonly relist: boolean;
  readonly cause: string;
  readonly wait: 'none' | 'jitter' | 'backoff';
  readonly minimumMs: number;
}

/** Whether it ended because the apiserver has no such kind, or does not give it to us. */
export function missingKind(ending: Ending): Missing | undefined {
  if (ending.how !== 'failed' || !(ending.error instanceof ApiError)) return undefined;
  if (isNotFound(ending.error)) return 'Absent';
  return ending.error.status === 403 ? 'Forbidden' : undefined;
}

/** A watch that ends this soon without an event was not served: opening the next at once would be a storm. */
const SERVED_MS = 1_000;

/** A connection may be half open once; a version that etcd lost when it was restored is silent for ever. */
const DEAF_WATCHES = 2;

/**
 * A clean end resumes at once, and so does silence, unless it comes again; an expired version lists anew after a jittered pause. After the
 * back-off lists anew: an error in the stream or a line that is no event, because the version it came with cannot be
 * trusted, and a version that the apiserver has not reached. Anything else keeps the version, backs off and obeys
 * Retry-After.
 */
export function nextStep(ending: Ending): NextStep {
  if (ending.how === 'silent') return afterSilence(ending.inARow);
  if (ending.how === 'closed') {
    const served = ending.afterMs >= SERVED_MS || ending.events > 0;
    return { relist: false, cause: served ? 'closed' : 'refused', wait: served ? 'none' : 'backoff', minimumMs: 0 };
  }
  const { error } = ending;
  if (isExpired(error)) return { relist: true, cause: 'expired', wait: 'jitter', minimumMs: 0 };
  const minimumMs = retryAfterMs(error) ?? 0;
  if (isFromTheFuture(error)) return { relist: true, cause: 'too_large', wait: 'backoff', minimumMs };
  if (error instanceof ShapeError) return { relist: true, cause: 'malformed', wait: 'backoff', minimumMs };
  if (error instanceof ApiError) {
    return { relist: error instanceof WatchError, cause: `status_${error.status}`, wait: 'backoff', minimumMs };
  }
  return { relist: false, cause: 'network', wait: 'backoff', minimumMs };
}

function afterSilence(inARow: number): NextStep {
  if (inARow < DEAF_WATCHES) return { relist: false, cause: 'silent', wait: 'none', minimumMs: 0 };
  return { relist: true, cause: 'deaf', wait: 'backoff', minimumMs: 0 };
}
