// Ends a request in time, and says afterwards whether its deadline, its caller or the network ended it.
import type { Clock } from '../clock.ts';
import { ApiError, FencedError, NetworkError } from '../errors.ts';

/**
 * Ends a request at its deadline or when the caller aborts. A plain timer and listener, both taken back:
 * `AbortSignal.any` leaks and its timeouts may be collected before they fire.
 */
export class Cut {
  readonly #controller = new AbortController();
  readonly #what: string;
  readonly #caller: AbortSignal | undefined;
  readonly #ms: number;
  readonly #cancelTimer: () => void;
  readonly #onAbort = (): void => this.#controller.abort();
  #timedOut = false;

  /** `what` names the request in errors. */
  constructor(
    what: string,
    limit: { readonly ms: number; readonly clock: Clock; readonly caller?: AbortSignal | undefined },
  ) {
    this.#what = what;
    this.#ms = limit.ms;
    this.#caller = limit.caller;
    this.#cancelTimer = limit.clock.after(limit.ms, () => {
      this.#timedOut = true;
      this.#controller.abort();
    });
    if (this.#caller?.aborted) this.#controller.abort();
    else this.#caller?.addEventListener('abort', this.#onAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The stream has begun: only the caller ends it now. */
  withdrawDeadline(): void {
    this.#cancelTimer();
  }

  release(): void {
    this.#cancelTimer();
    this.#caller?.removeEventListener('abort', this.#onAbort);
  }

  /** Turns whatever the client library threw into this room's errors. */
  explain(error: unknown): Error {
    if (error instanceof ApiError || error instanceof FencedError) return error;
    if (this.#timedOut)
      return new NetworkError(`${this.#what}: no answer in ${this.#ms} ms`, { cause: error, timedOut: true });
    const why = error instanceof Error ? error.message : String(error);
    return new NetworkError(`${this.#what}: ${why}`, { cause: error });
  }
}
