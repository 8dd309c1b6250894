// With what a candidate is compared, by the pods of both revisions.
import { expect, test } from '@jest/globals';
import { type Comparison, comparisonOf } from './comparison.ts';
import type { ObservedWorkload } from './observed.ts';
import { at, observe, record, start, workload } from './testing/samples.ts';

const compared = (workloads: readonly ObservedWorkload[]) => ({
  observed: observe({ workloads }),
  candidate: record(2),
  stable: record(1),
  now: start + 60_000,
});

/** The live revision with so many ready pods, and since when its Deployment says that some are missing. */
function live(ready: number, missingSince?: number): ObservedWorkload {
  const { status, ...rest } = workload(1, ready);
  const [isAvailable, since] = missingSince === undefined ? ['True', 0] : ['False', missingSince];
  const conditions = [{ type: 'Available', status: isAvailable, lastTransitionTime: at(since) }];
  return { ...rest, status: { ...status, conditions } };
}

test.each<[string, ObservedWorkload[], Comparison]>([
  ['one live pod of two is ready', [live(1, 0), workload(2)], 'Live'],
  ['no live pod is ready for a moment', [live(0, 31), workload(2)], 'Nothing'],
  ['no live pod is ready for 30 s', [live(0, 30), workload(2)], 'Last'],
  ['no pod of either is ready', [live(0, 0), workload(2, 0)], 'Nothing'],
  ['its Deployment does not say since when', [workload(1, 0), workload(2)], 'Nothing'],
  ['its Deployment was deleted', [workload(2)], 'Nothing'],
])('when %s', (_what, workloads, comparison) => {
  expect(comparisonOf(compared(workloads))).toBe(comparison);
});
