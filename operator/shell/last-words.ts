// How the process ends after an error that nobody caught: its state is unknown, so it says why, gives back what it can
// give back safely, and exits. Another replica goes on.
import { errorFields, type ProcessLog } from './log.ts';

/** A clean-up that is stuck, or a log that nobody reads, ends here; the lease then runs out by itself. */
const limitMs = 8_000;

export type LastWordsOptions = {
  readonly log: ProcessLog;
  readonly exit: (code: number) => void;
};

/** Ends the process once, whatever comes after the first error. */
export class LastWords {
  readonly #options: LastWordsOptions;
  #cleanUp: () => Promise<void> = async () => {};
  #ending = false;

  constructor(options: LastWordsOptions) {
    this.#options = options;
  }

  /** Sets what is done between the error and the exit. Its first part, up to the first await, runs at once. */
  before(cleanUp: () => Promise<void>): void {
    this.#cleanUp = cleanUp;
  }

  /** Logs the error, cleans up within eight seconds, exits with 1. A second error in the meantime is only logged. */
  readonly end = async (error: unknown): Promise<void> => {
    const { log, exit } = this.#options;
    log.write('error', 'the operator ends: an error that nobody caught', errorFields(error));
    if (this.#ending) return;
    this.#ending = true;
    const { promise: tooLate, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limitMs);
    await Promise.race([this.#leave(), tooLate]);
    clearTimeout(timer);
    exit(1);
  };

  async #leave(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#cleanUp();
    } catch (failure) {
      log.write('error', 'the operator could not clean up', errorFields(failure));
    }
    await log.close();
  }
}
