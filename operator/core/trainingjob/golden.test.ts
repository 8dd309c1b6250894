// Whole plans, one file in and one file out: what a reviewer reads to see what the planner does.
// `UPDATE_GOLDENS=1` writes the outputs anew; read the difference before committing it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { trainingJobSpecSchema } from '@sluice/crds/v1alpha1/training-job.ts';
import { parse, stringify } from 'yaml';
import { parseTime } from '../conditions.ts';
import type { TrainingJobObserved } from './observed.ts';
import { planTrainingJob } from './plan.ts';
import { settings } from './testing/samples.ts';

const directory = new URL('testdata/', import.meta.url);
const names = readdirSync(directory)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => file.slice(0, -'.in.yaml'.length));

type Input = { now: string; observed: TrainingJobObserved };

/** Times are written as people read them; defaults of the spec are filled in as the shell does it. */
function read(name: string): Input {
  const { now, observed } = parse(readFileSync(new URL(`${name}.in.yaml`, directory), 'utf8')) as Input;
  const { trainingJob, reading } = observed;
  return {
    now,
    observed: {
      ...observed,
      trainingJob: { ...trainingJob, spec: trainingJobSpecSchema.parse(trainingJob.spec) },
      reading: reading && { ...reading, at: parseTime(String(reading.at)) },
    },
  };
}

test.each(names)('%s', (name) => {
  const { now, observed } = read(name);
  const plan = planTrainingJob(observed, parseTime(now), settings);
  const file = new URL(`${name}.out.yaml`, directory);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, stringify(plan, { aliasDuplicateObjects: false }));
  expect(parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(plan)));
});
