// Pods that were ready are missed; pods that never were are still loading.
import { describe, expect, test } from '@jest/globals';
import { nextReadiness } from './health.ts';
import { at, start } from './testing/samples.ts';

const now = start + 60_000;

describe('the readiness of a candidate', () => {
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
    expect(nextReadiness(before, { ready, replicas, now })).toEqual(expected);
  });
});
