// Reproducible pseudo-random numbers: the same seed gives the same stream on every machine. Not for secrets.
import { requireWhole } from './argument.ts';

/** The next 32 random bits, as a whole number in [0, 2³²). */
export type Random = () => number;

/** What `shuffle` can put in another order. */
export type Shuffled = { readonly length: number; [index: number]: unknown };

/** The four 32-bit words of a generator, not all of them zero. */
export type State = readonly [number, number, number, number];

/**
 * A generator for `seed` and `stream`, two whole numbers (negative ones too). Streams of one seed are unrelated: epoch
 * 7 of a training run is `createRandom(seed, 7)`, so that a resumed run needs no generator state.
 * Seeded by splitmix64, as the authors of xoshiro advise.
 */
export function createRandom(seed: number, stream = 0): Random {
  requireWhole('seed', seed, Number.MIN_SAFE_INTEGER);
  requireWhole('stream', stream, Number.MIN_SAFE_INTEGER);
  const [start] = splitmix64(BigInt(seed), 1);
  const [low = 0n, high = 0n] = splitmix64((start ?? 0n) + BigInt(stream), 2);
  return xoshiro128([word(low), word(low >> 32n), word(high), word(high >> 32n)]);
}

/** xoshiro128** 1.1 (Blackman & Vigna 2018, public domain, https://prng.di.unimi.it/xoshiro128starstar.c). */
export function xoshiro128(state: State): Random {
  let [a, b, c, d] = state;
  if ((a | b | c | d) === 0) throw new RangeError('state must not be all zeros');
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

/** The first `count` outputs of splitmix64 (Vigna 2015, public domain, https://prng.di.unimi.it/splitmix64.c). */
export function splitmix64(seed: bigint, count: number): bigint[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  });
}

/** A uniform number in [0, 1) with 53 random bits. */
export function uniform(random: Random): number {
  const high = random() >>> 5;
  const low = random() >>> 6;
  return (high * 2 ** 26 + low) / 2 ** 53;
}

/** A uniform whole number in [0, below), 1 <= below <= 2³²; draws that would favour small numbers are thrown away. */
export function uniformInt(random: Random, below: number): number {
  requireWhole('below', below, 1);
  if (below > 2 ** 32) throw new RangeError(`below must be at most 2^32, not ${below}`);
  const fair = 2 ** 32 - (2 ** 32 % below);
  let draw = random();
  while (draw >= fair) draw = random();
  return draw % below;
}

/** Puts `items` in a uniformly random order, in place (Fisher & Yates; Durstenfeld 1964), and returns them. */
export function shuffle<T extends Shuffled>(items: T, random: Random): T {
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = uniformInt(random, last + 1);
    const kept = items[last];
    items[last] = items[chosen];
    items[chosen] = kept;
  }
  return items;
}

function word(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
