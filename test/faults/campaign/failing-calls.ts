// A cluster in which a share of all calls fails, each in one of the ways in which calls fail.
import { createRandom, uniform, uniformInt } from '@sluice/statistics/random.ts';
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
  const random = createRandom(seed);
  let failed = 0;
  return {
    name: `${failingShare * 100} % of all calls fail, seed ${seed}`,
    begin: (run) => {
      let way: Fault | undefined;
      for (const [index, fault] of ways.entries()) {
        const when = () => {
          if (index === 0) way = uniform(random) < failingShare ? ways[uniformInt(random, ways.length)] : undefined;
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
