// How long requests take in the simulation: a log-normal law, seen through the gateway's buckets.
import { normalCdf } from '@sluice/statistics/normal.ts';
import { type Random, uniform } from '@sluice/statistics/random.ts';
import type { World } from './scenarios.ts';

const medianMilliseconds = 20;
const spread = 0.5;

export type LatencyLaw = {
  /** Draws the bucket of one request. */
  draw(random: Random): number;
};

const guideLength = 4096;

/** @param edges upper edges of the buckets; one more bucket lies beyond the last. */
export function latencyLaw(factor: number, edges: readonly number[]): LatencyLaw {
  const cumulative = [...edges.map((edge) => shareBelow(edge, factor)), 1];
  const bucketAt = (share: number) => cumulative.findIndex((bound) => share < bound);
  const guide = Array.from({ length: guideLength }, (_, index) => bucketAt(index / guideLength));
  return {
    draw(random) {
      const share = uniform(random);
      let bucket = guide[Math.floor(share * guideLength)] ?? 0;
      while (share >= (cumulative[bucket] ?? 1) && bucket < edges.length) bucket++;
      return bucket;
    },
  };
}

/** Share of requests below `edge` milliseconds. */
export const shareBelow = (edge: number, factor: number): number =>
  normalCdf(Math.log(edge / (medianMilliseconds * factor)) / spread);

/** The live revision's true quantile in milliseconds, bursts included. */
export function trueQuantile(quantile: number, { stable, bursts }: World): number {
  const burstShare = bursts === undefined ? 0 : bursts.seconds / (bursts.seconds + bursts.everySeconds);
  const inBurst = stable.latencyFactor * (bursts?.latencyFactor ?? 1);
  const below = (edge: number) =>
    (1 - burstShare) * shareBelow(edge, stable.latencyFactor) + burstShare * shareBelow(edge, inBurst);
  let low = 1;
  let high = 1e5;
  while (high / low > 1 + 1e-9) {
    const middle = Math.sqrt(low * high);
    if (below(middle) < quantile) low = middle;
    else high = middle;
  }
  return high;
}
