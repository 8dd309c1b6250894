// The buckets in which gateways count how long requests took.
import { longestWaitSeconds } from './time-limits.ts';

/** Steps of a decade, 10 % apart with two digits (the E24 series): Envoy keeps two digits, so these edges are exact. */
const decade = [
  10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91,
] as const;

const edges = [
  0.5,
  ...Array.from({ length: 9 }, (_, index) => index + 1),
  ...[1, 10, 100, 1000, 10_000].flatMap((factor) => decade.map((step) => step * factor)),
];

/**
 * Upper bounds of latency buckets in milliseconds: whole up to 10, since Envoy counts whole milliseconds, then 10 % apart:
 * fine enough to compare a quantile of two revisions. The last one is beyond the longest request that there can be: Envoy
 * leaves what is slower out of its buckets, as if nobody had waited for it.
 */
export const latencyBuckets: readonly number[] = edges.slice(
  0,
  edges.findIndex((edge) => edge > longestWaitSeconds * 1000) + 1,
);
