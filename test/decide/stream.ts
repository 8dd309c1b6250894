// Plays one rollout: what a gateway would have counted at each look. The same seed gives the same stream.

import { noRequests, type RequestTotals } from '@sluice/operator/core/gates/traffic.ts';
import { latencyBuckets } from '@sluice/operator/core/traffic/latency-buckets.ts';
import { drawBinomial } from '@sluice/statistics/binomial-draw.ts';
import { createRandom, type Random, uniform } from '@sluice/statistics/random.ts';
import { type LatencyLaw, latencyLaw } from './latency-law.ts';
import type { Behaviour, Burst, World } from './scenarios.ts';

/** What happened since the look before. */
export type Look = {
  /** Seconds since the rollout began. */
  readonly second: number;
  /** Index of the step. */
  readonly step: number;
  readonly candidate: RequestTotals;
  readonly stable: RequestTotals;
  /** The gateway's process began anew just before. */
  readonly isReset: boolean;
};

const laws = new Map<number, LatencyLaw>();

function lawOf(factor: number): LatencyLaw {
  const known = laws.get(factor) ?? latencyLaw(factor, latencyBuckets);
  laws.set(factor, known);
  return known;
}

/** Requests, errors and, where latency matters, their buckets. */
export function* playRollout(world: World, run: { seed: number; withLatency: boolean }): Generator<Look> {
  const random = createRandom(run.seed, 1);
  let second = 0;
  let burstUntil = 0;
  for (const [step, { percent, seconds }] of world.schedule.entries()) {
    for (let within = 0; within < seconds; within += world.lookSeconds) {
      second += world.lookSeconds;
      const { bursts } = world;
      if (bursts && happens(random, world.lookSeconds / bursts.everySeconds)) burstUntil = second + bursts.seconds;
      const burst = second < burstUntil ? bursts : undefined;
      const requests = Math.round(world.requestsPerSecond * world.lookSeconds);
      const toCandidate = drawBinomial(random, requests, percent / 100);
      const answer = (behaviour: Behaviour, count: number) =>
        answerRequests(random, count, { behaviour, burst, withLatency: run.withLatency });
      yield {
        second,
        step,
        candidate: answer(world.candidate, toCandidate),
        stable: answer(world.stable, requests - toCandidate),
        isReset: world.resetEverySeconds !== undefined && happens(random, world.lookSeconds / world.resetEverySeconds),
      };
    }
  }
}

const happens = (random: Random, chance: number) => uniform(random) < chance;

type Manner = { readonly behaviour: Behaviour; readonly burst: Burst | undefined; readonly withLatency: boolean };

function answerRequests(random: Random, requests: number, { behaviour, burst, withLatency }: Manner): RequestTotals {
  const errors = drawBinomial(random, requests, Math.min(1, behaviour.errorRate + (burst?.errorRate ?? 0)));
  const latency: number[] = [];
  if (withLatency) {
    const law = lawOf(behaviour.latencyFactor * (burst?.latencyFactor ?? 1));
    for (let bucket = 0; bucket <= latencyBuckets.length; bucket++) latency.push(0);
    for (let request = 0; request < requests; request++) {
      const bucket = law.draw(random);
      latency[bucket] = (latency[bucket] ?? 0) + 1;
    }
  }
  return { ...noRequests, requests, errors, latency };
}
