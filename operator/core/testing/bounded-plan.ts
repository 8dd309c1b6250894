// What holds of every plan, whatever the object holds: it comes in time, its status is one that the apiserver takes, and it
// wakes neither at once nor never.
import { expect } from '@jest/globals';
import type { z } from 'zod';
import type { Plan } from '../plan.ts';

const longestWakeSeconds = 86_400;

/** Milliseconds of processor time that `run` takes. */
export function processorMs(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** @throws what Jest throws when the plan is none that the operator could carry out. */
export function expectBounded<Status>(plan: Plan<Status>, statusSchema: z.ZodType): void {
  const written: unknown = JSON.parse(JSON.stringify(plan.status));
  const { error } = statusSchema.safeParse(written);
  expect(error?.issues ?? []).toEqual([]);
  const { wakeAfterSeconds = 1 } = plan;
  expect(wakeAfterSeconds).toBeGreaterThan(0);
  expect(wakeAfterSeconds).toBeLessThanOrEqual(longestWakeSeconds);
}
