// What the live pods can bear follows from pods that bore requests, not from pods that are only asked for.
import { describe, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { known, modelDeployment, observe, record, workload } from '../testing/samples.ts';
import { liveCapacity, provenReplicas } from './capacity.ts';

type Case = {
  /** `server.replicas`. */
  readonly replicas: number;
  /** Ready pods of the live revision and of the candidate. */
  readonly ready: readonly [number, number];
  /** Share of the candidate. */
  readonly percent: number;
  /** `status.provenReplicas` before. */
  readonly before?: number;
};

function seen({ replicas, ready: [live, candidate], percent, before }: Case) {
  const status: ModelDeploymentStatus = {
    observedGeneration: 1,
    ...{ stable: record(1), traffic: [known(1, 100 - percent), known(2, percent)] },
    ...(before === undefined ? {} : { provenReplicas: before }),
  };
  return observe({
    modelDeployment: modelDeployment({ server: { replicas } }, status),
    workloads: [workload(1, live, replicas), workload(2, candidate, replicas)],
  });
}

describe('the live revision, while a candidate is tried or taken back,', () => {
  test.each<[string, Case, { proven: number; capacity: number }]>([
    ['takes all when it is whole', { replicas: 4, ready: [4, 4], percent: 5, before: 4 }, { proven: 4, capacity: 100 }],
    [
      'takes all when half of its pods are lost',
      { replicas: 4, ready: [2, 4], percent: 5, before: 4 },
      { proven: 4, capacity: 100 },
    ],
    [
      'takes two thirds when two of three are lost',
      { replicas: 3, ready: [1, 3], percent: 50, before: 3 },
      { proven: 3, capacity: 66 },
    ],
    [
      'takes all when so many are not asked for any more',
      { replicas: 2, ready: [1, 2], percent: 50, before: 3 },
      { proven: 2, capacity: 100 },
    ],
    [
      'takes all when more are asked for and none comes',
      { replicas: 10, ready: [2, 2], percent: 5, before: 2 },
      { proven: 2, capacity: 100 },
    ],
    [
      'takes all when more are asked for and only the candidate gets them',
      { replicas: 10, ready: [2, 10], percent: 50, before: 2 },
      { proven: 2, capacity: 100 },
    ],
    [
      'takes what it can when more were asked for, came, and are lost',
      { replicas: 10, ready: [2, 2], percent: 5, before: 8 },
      { proven: 8, capacity: 50 },
    ],
    [
      'takes what it can when all requests were borne by more pods of the candidate',
      { replicas: 10, ready: [2, 10], percent: 100, before: 2 },
      { proven: 10, capacity: 40 },
    ],
    [
      'takes nothing while it has no pod and the candidate has',
      { replicas: 2, ready: [0, 2], percent: 100, before: 2 },
      { proven: 2, capacity: 0 },
    ],
    [
      'takes all when nothing of the candidate is left either',
      { replicas: 2, ready: [0, 0], percent: 50, before: 2 },
      { proven: 2, capacity: 100 },
    ],
  ])('%s', (_what, each, { proven, capacity }) => {
    expect(provenReplicas(seen(each))).toBe(proven);
    expect(liveCapacity(seen(each), record(1).revision)).toBe(capacity);
  });

  test('has proven nothing before a pod has borne requests, and then what the spec asked for', () => {
    expect(provenReplicas(observe({ workloads: [workload(1, 1)] }))).toBeUndefined();
    expect(provenReplicas(seen({ replicas: 4, ready: [1, 4], percent: 5 }))).toBe(4);
  });
});
