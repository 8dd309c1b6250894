// What a simulated version is like: how often it fails, how slow it is, how often it is right, whether its pods crash.
export type Quality = {
  /** Every so-and-so-many-th request fails; 0: none. */
  readonly failsEvery: number;
  /** Every so-and-so-many-th request is one that its servers are too busy for (429); 0: none. */
  readonly refusesEvery: number;
  /** Every so-and-so-many-th answer is NaN; 0: none. */
  readonly nonFiniteEvery: number;
  /** Index of the latency bucket of all its answers. */
  readonly bucket: number;
  /** Rows of a thousand on which it is right. */
  readonly right: number;
  /** Whether each of its pods ends again and again. */
  readonly crashes: boolean;
};

export const good: Quality = {
  failsEvery: 0,
  refusesEvery: 0,
  nonFiniteEvery: 0,
  bucket: 8,
  right: 970,
  crashes: false,
};
