// Polls that are held until there is something new for their namespace. An Envoy names all its extensions in each poll, some
// 77 KB, and polls for each listener: what is asked again a moment later costs more than all answers together.
import { type Clock, systemClock } from '../../kube/clock.ts';

/** Longest time that a poll is held: well below Envoy's `request_timeout`, so that a busy moment of ours is none too many. */
const holdMs = 3_000;

/** Who waits, by namespace. */
export class HeldPolls {
  readonly #clock: Clock;
  readonly #letGo = new Map<string, Set<() => void>>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Resolves when something may be new for the namespace, or after a while. */
  hold(namespace: string): Promise<void> {
    return new Promise((resolve) => {
      const held = this.#letGo.get(namespace) ?? new Set();
      const letGo = () => {
        cancel();
        held.delete(letGo);
        if (held.size === 0 && this.#letGo.get(namespace) === held) this.#letGo.delete(namespace);
        resolve();
      };
      const cancel = this.#clock.after(holdMs, letGo);
      this.#letGo.set(namespace, held.add(letGo));
    });
  }

  /** Lets go of the polls of a namespace. */
  release(namespace: string): void {
    for (const letGo of [...(this.#letGo.get(namespace) ?? [])]) letGo();
  }

  /** Lets go of everybody. */
  close(): void {
    for (const namespace of [...this.#letGo.keys()]) this.release(namespace);
  }
}
