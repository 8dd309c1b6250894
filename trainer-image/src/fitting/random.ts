// Seeded pseudo-random numbers and the order of the rows in an epoch: both a function of the seed alone.

const golden = 0x9e3779b9;

/** Mixes a seed with the place where it is used, so that neighbouring seeds and places share nothing (murmur3 finaliser). */
export function mixSeed(seed: number, ...places: readonly number[]): number {
  let mixed = seed | 0;
  for (const place of places) {
    mixed = Math.imul(mixed ^ (place + golden), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed >>> 0;
}

/** Numbers in [0, 1) from a 32-bit seed (mulberry32, Tommy Ettinger). */
export function makeRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The rows 0 … rows-1 in the order of one epoch (Fisher–Yates). The same seed and epoch give the same order. */
export function epochOrder(rows: number, seed: number, epoch: number): Int32Array {
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const random = makeRandom(mixSeed(seed, epoch));
  for (let last = rows - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
