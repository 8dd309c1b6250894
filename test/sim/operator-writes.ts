// The writes of a simulated operator: counted, and its process may end before any of them.

/** The operator's process was ended in the middle of a round. */
class Killed extends Error {}

export class OperatorWrites {
  /** So far: a world at rest has no more of them. */
  count = 0;
  /** Those of them that wrote the status. */
  ofStatus = 0;
  /** Writes after which the process ends, if it is to end. */
  #life = Number.POSITIVE_INFINITY;

  /** @returns false when the process ended after `life` writes, in the middle of the round. */
  survives(life: number, round: () => void): boolean {
    this.#life = life;
    try {
      round();
      return true;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return false;
    }
  }

  /** Carries a write out, unless the process ends before it. */
  do(effect: () => void): void {
    if (this.#life <= 0) throw new Killed();
    this.#life -= 1;
    this.count += 1;
    effect();
  }
}
