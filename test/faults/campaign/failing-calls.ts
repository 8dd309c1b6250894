// A cluster in which a share of all calls fails, each in one of the ways in which calls fail.
import type { Fault } from '../proxy/rules.ts';
import type { Disturbance } from './run.ts';

/** Of all calls. */
export const failingShare = 0.3;

const ways: readonly Fault[] = [
  { kind: 'refuse', status: 500 },
  { kind: 'refuse', status: 503 },
  { kind: 'refuse', status: 429, retryAfterSeconds: 1 },
  { kind: 'refuse', status: 409 },
  { kind: 'reset' },
  { kind: 'dropResponse' },
];

/** Lists and watches, reads and writes fail alike; those of the lease too. The same seed fails the same calls. */
export function failCalls(seed: number): Disturbance {
  const random = randomFrom(seed);
  let failed = 0;
  return {
    name: `${failingShare * 100} % of all calls fail, seed ${seed}`,
    begin: (run) => {
      let way: Fault | undefined;
      for (const [index, fault] of ways.entries()) {
        const when = () => {
          if (index === 0) way = random() < failingShare ? ways[Math.floor(random() * ways.length)] : undefined;
          if (way !== fault) return false;
          failed += 1;
          return true;
        };
        run.proxy.addRule({ match: { when }, fault });
      }
    },
    hasHappened: () => failed > 0,
  };
}

/** Uniform in [0, 1): mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
