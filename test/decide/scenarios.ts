// The rollouts that the decision suite plays: what a candidate is like, and which gates judge it.

import type { ErrorRateGate } from '@sluice/operator/core/gates/error-rate.ts';
import type { LatencyGate } from '@sluice/operator/core/gates/latency.ts';
import { latencyBuckets } from '@sluice/operator/core/traffic/latency-buckets.ts';

/** How both revisions answer; bursts hit both alike. */
export type World = {
  readonly stable: Behaviour;
  readonly candidate: Behaviour;
  readonly requestsPerSecond: number;
  /** Seconds between looks; also the resolution of the stream. */
  readonly lookSeconds: number;
  /** Steps: the candidate's percentage and for how long. */
  readonly schedule: readonly { readonly percent: number; readonly seconds: number }[];
  readonly bursts?: Burst;
  /** The gateway's process starts anew (its counters at 0) about that often. */
  readonly resetEverySeconds?: number;
};

export type Behaviour = {
  readonly errorRate: number;
  /** Multiplies every latency. */
  readonly latencyFactor: number;
};

export type Burst = {
  readonly everySeconds: number;
  readonly seconds: number;
  readonly errorRate: number;
  readonly latencyFactor: number;
};

export type Scenario = {
  readonly name: string;
  /** Whether a rollback is right. */
  readonly candidate: 'Good' | 'Bad';
  readonly world: World;
  readonly errors?: ErrorRateGate;
  readonly latency?: LatencyGate;
};

const schedule = [
  { percent: 5, seconds: 480 },
  { percent: 50, seconds: 240 },
];

const sound: Behaviour = { errorRate: 0, latencyFactor: 1 };
const failing = (errorRate: number): Behaviour => ({ errorRate, latencyFactor: 1 });
const busy = { requestsPerSecond: 100, lookSeconds: 1, schedule };
const quiet = {
  requestsPerSecond: 2,
  lookSeconds: 10,
  schedule: schedule.map(({ percent, seconds }) => ({ percent, seconds: 10 * seconds })),
};

const errorGate = (max: number): ErrorRateGate => ({ name: 'errors', confidence: 0.95, max, maxRegression: 0.01 });
const latencyGate: LatencyGate = {
  name: 'latency',
  confidence: 0.95,
  quantile: 0.99,
  maxRegressionPercent: 20,
  maxRegressionAbsolute: 5,
  edges: latencyBuckets,
};

const same = (behaviour: Behaviour) => ({ stable: behaviour, candidate: behaviour });
const worse = { stable: failing(0.05), candidate: failing(0.1) };
const watched = { ...busy, lookSeconds: 4 };
const noise: Burst = { everySeconds: 40, seconds: 3, errorRate: 0, latencyFactor: 4 };
const outage: Burst = { everySeconds: 120, seconds: 5, errorRate: 0.3, latencyFactor: 1 };

export const scenarios: readonly Scenario[] = [
  { name: 'A/A, 1 % errors', candidate: 'Good', world: { ...busy, ...same(failing(0.01)) }, errors: errorGate(0.02) },
  { name: 'A/A, 3 % errors', candidate: 'Good', world: { ...busy, ...same(failing(0.03)) }, errors: errorGate(0.05) },
  { name: 'A/A, 5 % errors', candidate: 'Good', world: { ...busy, ...same(failing(0.05)) }, errors: errorGate(0.075) },
  {
    name: 'A/A, 1 % errors, outages of 5 s in both',
    candidate: 'Good',
    world: { ...busy, ...same(failing(0.01)), bursts: outage },
    errors: errorGate(0.05),
  },
  {
    name: 'A/A, 3 % errors, counters reset each 2 min',
    candidate: 'Good',
    world: { ...busy, ...same(failing(0.03)), resetEverySeconds: 120 },
    errors: errorGate(0.05),
  },
  {
    name: 'A/A, 3 % errors, 2 requests/s',
    candidate: 'Good',
    world: { ...quiet, ...same(failing(0.03)) },
    errors: errorGate(0.05),
  },
  {
    name: 'A/A, noisy latency',
    candidate: 'Good',
    world: { ...watched, ...same(sound), bursts: noise },
    latency: latencyGate,
  },
  { name: 'A/A, latency', candidate: 'Good', world: { ...watched, ...same(sound) }, latency: latencyGate },
  {
    name: 'A/A, 3 % errors, latency, two gates',
    candidate: 'Good',
    world: { ...watched, ...same(failing(0.03)) },
    errors: errorGate(0.05),
    latency: latencyGate,
  },
  { name: '5 → 10 % errors', candidate: 'Bad', world: { ...busy, ...worse }, errors: errorGate(0.075) },
  {
    name: '5 → 10 % errors, counters reset each 20 s',
    candidate: 'Bad',
    world: { ...busy, ...worse, resetEverySeconds: 20 },
    errors: errorGate(0.075),
  },
  {
    name: '5 → 10 % errors, 2 requests/s',
    candidate: 'Bad',
    world: { ...quiet, ...worse },
    errors: errorGate(0.075),
  },
  {
    name: '1 → 20 % errors',
    candidate: 'Bad',
    world: { ...busy, stable: failing(0.01), candidate: failing(0.2) },
    errors: errorGate(0.02),
  },
  {
    name: 'p99 + 50 %',
    candidate: 'Bad',
    world: { ...watched, stable: sound, candidate: { ...sound, latencyFactor: 1.5 } },
    latency: latencyGate,
  },
  {
    name: 'p99 + 50 %, noisy latency',
    candidate: 'Bad',
    world: { ...watched, stable: sound, candidate: { ...sound, latencyFactor: 1.5 }, bursts: noise },
    latency: latencyGate,
  },
];

/** Bad candidates that are caught in at least 95 %; in the others the rows are there to show where it ends. */
export const promisedScenarios: readonly string[] = [
  '5 → 10 % errors',
  '5 → 10 % errors, counters reset each 20 s',
  '1 → 20 % errors',
  'p99 + 50 %',
];
