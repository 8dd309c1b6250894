// Pods that were ready are missed; pods that never were are still loading.
import { describe, expect, test } from '@jest/globals';
import type { PodCount } from '../../gates/guardrail.ts';
import { at, start } from '../testing/samples.ts';
import { nextReadiness, type Readiness } from './health.ts';

const now = start + 60_000;

describe('the readiness of a candidate', () => {
  const longAgo = { warmReplicas: 2, notReadySince: at(10) };

  test.each<[string, Readiness, number, PodCount, Readiness]>([
    ['counts no time while the live revision misses as many', longAgo, 1, { ready: 1, wanted: 2 }, { warmReplicas: 2 }],
    ['counts no time while neither has any', longAgo, 0, { ready: 0, wanted: 2 }, { warmReplicas: 2 }],
    [
      'begins to count when live pods are ready',
      { warmReplicas: 2 },
      1,
      { ready: 2, wanted: 2 },
      { warmReplicas: 2, notReadySince: at(60) },
    ],
    ['counts when it has fewer than the live revision', longAgo, 0, { ready: 1, wanted: 2 }, longAgo],
    ['counts by shares, not by pods', longAgo, 1, { ready: 3, wanted: 4 }, longAgo],
    ['misses nothing, whatever the live revision misses', longAgo, 2, { ready: 0, wanted: 2 }, { warmReplicas: 2 }],
  ])('%s', (_what, before, ready, live, expected) => {
    expect(nextReadiness(before, { ready, replicas: 2, live, now })).toEqual(expected);
  });

  test.each([
    ['is nothing before a pod is ready', undefined, 0, 2, { warmReplicas: 0 }],
    ['grows with its pods', { warmReplicas: 1 }, 2, 2, { warmReplicas: 2 }],
    ['misses a pod that was ready', { warmReplicas: 2 }, 1, 2, { warmReplicas: 2, notReadySince: at(60) }],
    [
      'remembers since when',
      { warmReplicas: 2, notReadySince: at(10) },
      1,
      2,
      { warmReplicas: 2, notReadySince: at(10) },
    ],
    ['forgets it when the pod is back', { warmReplicas: 2, notReadySince: at(10) }, 2, 2, { warmReplicas: 2 }],
    ['misses nothing while the deployment grows', { warmReplicas: 2 }, 2, 4, { warmReplicas: 2 }],
    ['misses nothing when the deployment shrinks', { warmReplicas: 4 }, 2, 2, { warmReplicas: 2 }],
  ])('%s', (_what, before, ready, replicas, expected) => {
    expect(nextReadiness(before, { ready, replicas, live: undefined, now })).toEqual(expected);
  });
});
