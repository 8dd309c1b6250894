// Whatever a TrainingJob holds that its schema allows: it is planned, in time, with a status that can be written.
import { test } from '@jest/globals';
import {
  type TrainingJobSpec,
  type TrainingJobStatus,
  trainingJobSpecSchema,
  trainingJobStatusSchema,
} from '@sluice/crds/v1alpha1/training-job.ts';
import fc from 'fast-check';
import { anyValueOf } from '../testing/any-value.ts';
import { expectBounded } from '../testing/bounded-plan.ts';
import { planTrainingJob } from './plan.ts';
import {
  claim,
  endedPod,
  finishedJob,
  job,
  observe,
  runningPod,
  settings,
  start,
  succeededPod,
  trainingJob,
  waitingPod,
} from './testing/samples.ts';

const status = anyValueOf(trainingJobStatusSchema, {
  type: ['Ready', 'Running', 'Complete', 'Failed', 'Suspended', 'Stalled'],
  reason: ['PodPending', 'Running', 'Complete'],
}) as fc.Arbitrary<TrainingJobStatus>;
const spec = (anyValueOf(trainingJobSpecSchema) as fc.Arbitrary<object>).map(
  (each): TrainingJobSpec => trainingJobSpecSchema.parse(each),
);

/** What is there of the attempts 1 and 2. */
const children = fc.constantFrom(
  { jobs: [], pods: [] },
  { jobs: [job(1)], pods: [] },
  { jobs: [job(1)], pods: [waitingPod(1, 'ImagePullBackOff')] },
  { jobs: [job(1)], pods: [runningPod(1)] },
  { jobs: [job(1)], pods: [runningPod(1, '1970-01-01T00:00:00Z')] },
  { jobs: [finishedJob(1, 'Failed')], pods: [endedPod(1, { exitCode: 1 })] },
  { jobs: [finishedJob(1, 'Complete')], pods: [succeededPod(1)] },
  { jobs: [finishedJob(1, 'Failed', 'no time')], pods: [] },
);

test('every status and spec that the schema allows has a plan that can be carried out', () => {
  fc.assert(
    fc.property(status, spec, children, fc.boolean(), (before, wanted, seen, isGeneral) => {
      const base = trainingJob({}, before);
      const planned = planTrainingJob(
        observe({
          trainingJob: isGeneral ? { ...base, spec: wanted } : base,
          data: { claim: claim('datasets') },
          ...seen,
        }),
        start,
        settings,
      );
      expectBounded(planned, trainingJobStatusSchema);
    }),
    { numRuns: 500 },
  );
}, 60_000);
