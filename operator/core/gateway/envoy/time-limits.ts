// How long a request may be under way.
import { longestRequestSeconds } from '@sluice/crds/contract.ts';

/** What the gateway waits beyond the server's own time-out, so that the server's answer wins. */
export const timeoutMarginSeconds = 5;

/** No request of any deployment is under way for longer. */
export const longestWaitSeconds = longestRequestSeconds + timeoutMarginSeconds;
