// How long anything at the gateway may take: every limit of time, side by side, so that none cuts what another one allows.
import { longestWaitSeconds } from '../../../traffic/time-limits.ts';

/** The head of a request must have arrived by then. */
export const headSeconds = 10;

/** A whole request, with its body, must have arrived by then: as long as the server itself gives it. */
export const arrivalSeconds = 60;

/** A stream on which nothing moves ends: later than any request that is only being computed, or waits to be tried again. */
export const silentStreamSeconds = arrivalSeconds + longestWaitSeconds;

/** A client's connection that has no request under way is closed after this long. */
export const idleConnectionSeconds = 300;

/** The server closes an idle connection after 75 s; Envoy must be the first to let go. */
export const idleBackendSeconds = 60;

/** A listener that was changed or removed lets go of its connections after this long, requests under way or not. */
export const listenerDrainSeconds = silentStreamSeconds;
