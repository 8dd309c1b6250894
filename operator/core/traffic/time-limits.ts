// How long a gateway waits for an answer, whatever it is.
import { longestRequestSeconds } from '@sluice/crds/contract.ts';

/** What a gateway waits beyond the server's own time-out, so that the server's answer wins. */
export const timeoutMarginSeconds = 5;

/** No request of any deployment is under way for longer, from its last byte to the answer. */
export const longestWaitSeconds = longestRequestSeconds + timeoutMarginSeconds;
