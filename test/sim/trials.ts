// What the tests of rollouts share: gates and steps, a world in which a version is about to be tried, and waiting.
import { expect } from '@jest/globals';
import type { Quality } from './quality.ts';
import { World } from './world.ts';

const dataset = { source: { configMap: { name: 'rows', key: 'rows.csv' } }, format: 'CSV', target: 'label' };
export const accuracy = {
  name: 'accuracy',
  evaluation: { metric: 'accuracy', dataset },
  min: 0.9,
  maxRegression: 0.02,
};
export const errors = { name: 'errors', traffic: { metric: 'errorRate' }, max: 0.1, maxRegression: 0.05 };
export const latency = {
  name: 'latency',
  traffic: { metric: 'latencyMs', quantile: 0.9 },
  maxRegressionPercent: 50,
  maxRegressionAbsolute: 5,
};
export const probe = { name: 'probe', weightPercent: 10, minCandidateSamples: 100, minSeconds: 5, maxSeconds: 300 };
export const half = { name: 'half', weightPercent: 50, minCandidateSamples: 200, maxSeconds: 300 };
export const rollout = { steps: [probe, half], bakeSeconds: 20 };
export const gates = [accuracy, errors, latency];

/** One version serves, and the next is published; the rollout begins. */
export function trying(quality: Partial<Quality>, changes: object = {}): World {
  const world = new World();
  world.cluster.change({ rollout, gates, ...changes });
  world.cluster.publish(1);
  world.settle(60);
  expect(world.status?.stable?.version).toBe('digits-1');
  world.cluster.behave(2, quality);
  world.cluster.publish(2);
  return world;
}

/** Ticks until the condition holds. @returns seconds that it took. */
export function until(world: World, holds: () => boolean, limit = 400): number {
  for (let second = 0; second < limit; second += 1) {
    if (holds()) return second;
    world.tick();
    expect(world.gateways.lostRequests()).toEqual([]);
  }
  throw new Error(`not within ${limit} s: ${JSON.stringify(world.status?.conditions)}`);
}

/** The entry of a version that was refused. */
export const rejectionOf = (world: World, version: string) =>
  world.status?.rejected?.find((each) => each.version === version);
export const weightOf = (world: World) => world.status?.rollout?.weightPercent;
export const conditionOf = (world: World, type: string) => world.status?.conditions?.find((each) => each.type === type);
