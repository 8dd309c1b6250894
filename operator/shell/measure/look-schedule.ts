// Decides who is looked at when: each as often as wished, all together no faster than a limit, and when that is too little
// for all, those first that a decision waits for. One look in ten is the others': nobody waits for ever.

import { type Clock, systemClock } from '../../kube/clock.ts';
import { TokenBucket } from '../../kube/controller/backoff.ts';

/** How fast all together: `burst` at once, else so many a second. */
export type Pace = { readonly perSecond: number; readonly burst: number };

export type Wish = {
  /** From the beginning of a look to the beginning of the next one. */
  readonly everyMs: number;
  /** Whether it goes before those that are not. */
  readonly isUrgent: boolean;
};

export type LookScheduleOptions = {
  readonly pace: Pace;
  /** Looks; never rejects. No key is looked at again before this is done. */
  look(key: string): Promise<void>;
  readonly clock?: Clock | undefined;
};

type Turn = {
  readonly key: string;
  wish: Wish;
  /** When the last look began, on the monotonic clock. */
  lookedMs: number;
  /** Ends the wait until the next look is due; undefined in line and while a look is under way. */
  cancel: (() => void) | undefined;
};

/** Of so many looks one is for somebody who is not urgent, if anybody is in line. */
const othersEvery = 10;

/** Keys that are looked at again and again. */
export class LookSchedule {
  readonly #look: (key: string) => Promise<void>;
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #turns = new Map<string, Turn>();
  /** Those whose look is due. */
  readonly #line = new Set<Turn>();
  #looks = 0;
  /** Ends the wait for the next token; undefined while nobody is in line. */
  #cancel: (() => void) | undefined;

  constructor({ pace, look, clock = systemClock }: LookScheduleOptions) {
    this.#look = look;
    this.#clock = clock;
    this.#bucket = new TokenBucket(pace);
  }

  /** Looks at `key` again and again. What is to be looked at more often is so from now on, not after the next look. */
  want(key: string, wish: Wish): void {
    const turn = this.#turns.get(key);
    if (turn === undefined) {
      const joined = { key, wish, lookedMs: Number.NEGATIVE_INFINITY, cancel: undefined };
      this.#turns.set(key, joined);
      this.#join(joined);
      return;
    }
    const isHastened = wish.everyMs < turn.wish.everyMs;
    turn.wish = wish;
    if (isHastened && turn.cancel) this.#wait(turn);
  }

  /** A look that is under way goes on, and is the last one. */
  forget(key: string): void {
    const turn = this.#turns.get(key);
    if (turn === undefined) return;
    turn.cancel?.();
    this.#line.delete(turn);
    this.#turns.delete(key);
  }

  #wait(turn: Turn): void {
    turn.cancel?.();
    const dueMs = turn.lookedMs + turn.wish.everyMs - this.#clock.monotonicMs();
    turn.cancel = this.#clock.after(Math.max(0, dueMs), () => this.#join(turn));
  }

  #join(turn: Turn): void {
    turn.cancel = undefined;
    this.#line.add(turn);
    if (this.#cancel === undefined) this.#serve();
  }

  /** Looks at whom there are tokens for, then waits for the next token; who gets it is decided when it is there. */
  #serve(): void {
    while (this.#line.size > 0) {
      const waitMs = this.#bucket.reserve(this.#clock.monotonicMs());
      if (waitMs > 0) {
        this.#cancel = this.#clock.after(waitMs, () => this.#servePaid());
        return;
      }
      this.#lookAtFirst();
    }
  }

  #servePaid(): void {
    this.#cancel = undefined;
    this.#lookAtFirst();
    this.#serve();
  }

  #lookAtFirst(): void {
    this.#looks += 1;
    const urgentFirst = this.#looks % othersEvery !== 0;
    let first: Turn | undefined;
    for (const turn of this.#line) {
      if (first === undefined || goesBefore(turn, first, urgentFirst)) first = turn;
    }
    if (first === undefined) return;
    this.#line.delete(first);
    void this.#lookAndGoOn(first);
  }

  async #lookAndGoOn(turn: Turn): Promise<void> {
    turn.lookedMs = this.#clock.monotonicMs();
    await this.#look(turn.key);
    if (this.#turns.get(turn.key) === turn) this.#wait(turn);
  }
}

/** Among equals, who was looked at longest ago. */
function goesBefore({ wish, lookedMs }: Turn, other: Turn, urgentFirst: boolean): boolean {
  return wish.isUrgent === other.wish.isUrgent ? lookedMs < other.lookedMs : wish.isUrgent === urgentFirst;
}
