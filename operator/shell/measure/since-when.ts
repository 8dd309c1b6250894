// Remembers since when something has been so without a break: a measurement that a status need not hold.
import type { Instant } from '../../core/plan.ts';

export class SinceWhen {
  readonly #kept = new Map<string, { readonly what: string; readonly since: Instant }>();

  /** @param what is so of `key` now; undefined: nothing. @returns since when, as far as it was noted. */
  note(key: string, what: string | undefined, now: Instant): Instant | undefined {
    if (what === undefined) {
      this.#kept.delete(key);
      return undefined;
    }
    const known = this.#kept.get(key);
    if (known?.what === what) return known.since;
    this.#kept.set(key, { what, since: now });
    return now;
  }

  forget(key: string): void {
    this.#kept.delete(key);
  }
}
