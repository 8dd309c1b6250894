// Keeps how long each scene took, for the table at the end.

/** One scene that is over. */
export type Scene = { readonly title: string; readonly seconds: number };

/** Collects scenes, which follow each other. */
export class Timeline {
  readonly #scenes: Scene[] = [];
  readonly #now: () => number;

  /** `now` gives milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Runs `work` as a scene; a scene that fails is not kept. */
  async scene<T>(title: string, work: () => Promise<T>): Promise<T> {
    const startedAt = this.#now();
    const result = await work();
    this.#scenes.push({ title, seconds: (this.#now() - startedAt) / 1000 });
    return result;
  }

  /** The scenes in their order, and their sum as the last one. */
  scenes(): Scene[] {
    const sum = this.#scenes.reduce((seconds, scene) => seconds + scene.seconds, 0);
    return [...this.#scenes, { title: 'in all', seconds: sum }];
  }
}
