// Stops a write at the last moment: when its bytes would go to a connection, not when somebody decided to send it.
import type { Dispatcher } from 'undici';
import { FencedError } from '../errors.ts';

/**
 * Lets a request that writes begin only while `mayWrite` says so. A request may wait for a connection for seconds, and a
 * process may be stopped while it waits: asked before the wait, the answer would be stale.
 */
export function fence(mayWrite: () => boolean): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    if (options.method === 'GET') return dispatch(options, handler);
    const what = `${options.method} ${options.path}`;
    return dispatch(
      options,
      guarded(handler, () => mayWrite() || refuse(what)),
    );
  };
}

function refuse(what: string): never {
  throw new FencedError(`${what}: this process is not the leader and may not write`);
}

/** undici calls `onRequestStart` and writes the request to the socket in the same turn; what is thrown there ends it. */
function guarded(handler: Dispatcher.DispatchHandler, check: () => void): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller, context) => {
      check();
      handler.onRequestStart?.(controller, context);
    },
    onRequestUpgrade: (...told) => handler.onRequestUpgrade?.(...told),
    onResponseStart: (...told) => handler.onResponseStart?.(...told),
    onResponseData: (...told) => handler.onResponseData?.(...told),
    onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
    onResponseError: (...told) => handler.onResponseError?.(...told),
  };
}
