// What a test started and what ends it, in reverse order, however the test went.

/** Takes ends and runs each once. */
export class Ends {
  readonly #ends: (() => void | Promise<void>)[] = [];

  /** Adds an end; the returned function runs it now. */
  add(end: () => void | Promise<void>): () => Promise<void> {
    let ended: Promise<void> | undefined;
    const once = (): Promise<void> => {
      ended ??= Promise.resolve(end());
      return ended;
    };
    this.#ends.push(once);
    return once;
  }

  /** Runs all that have not been run, the latest first. */
  async all(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}
