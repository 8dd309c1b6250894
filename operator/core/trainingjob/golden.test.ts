// The plans of the TrainingJob planner in testdata/.
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { parseTime } from '../conditions.ts';
import { testGoldens } from '../testing/goldens.ts';
import type { TrainingJobObserved } from './observed.ts';
import { planTrainingJob } from './plan.ts';
import { settings } from './testing/samples.ts';

testGoldens<TrainingJobObserved>(new URL('testdata/', import.meta.url), {
  complete: ({ trainingJob, reading, numbers, ...observed }) => ({
    ...observed,
    numbers: numbers ?? { highestNamed: 0 },
    trainingJob: { ...trainingJob, spec: trainingJobSpecSchema.parse(trainingJob.spec) },
    reading: reading && { ...reading, at: parseTime(String(reading.at)) },
  }),
  plan: (observed, now) => planTrainingJob(observed, now, settings),
});
