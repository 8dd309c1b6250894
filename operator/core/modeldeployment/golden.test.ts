// Whole plans, one file in and one file out: what a reviewer reads to see what the planner does.
// `UPDATE_GOLDENS=1` writes the outputs anew; read the difference before committing it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { modelDeploymentSpecSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { parse, stringify } from 'yaml';
import { parseTime } from '../conditions.ts';
import type { ModelDeploymentObserved } from './observed.ts';
import { planModelDeployment } from './plan.ts';
import { settings } from './testing/samples.ts';

const directory = new URL('testdata/', import.meta.url);
const names = readdirSync(directory)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => file.slice(0, -'.in.yaml'.length));

type Input = { now: string; observed: ModelDeploymentObserved };

/** Times are written as people read them; defaults of the spec are filled in as the shell does it. */
function read(name: string): Input {
  const { now, observed } = parse(readFileSync(new URL(`${name}.in.yaml`, directory), 'utf8')) as Input;
  const { modelDeployment, gatewayReadings, gatewaySilences } = observed;
  return {
    now,
    observed: {
      ...observed,
      modelDeployment: { ...modelDeployment, spec: modelDeploymentSpecSchema.parse(modelDeployment.spec) },
      gatewayReadings: gatewayReadings.map((each) => ({ ...each, at: parseTime(String(each.at)) })),
      gatewaySilences: gatewaySilences.map((each) => ({ ...each, since: parseTime(String(each.since)) })),
    },
  };
}

test.each(names)('%s', (name) => {
  const { now, observed } = read(name);
  const plan = planModelDeployment(observed, parseTime(now), settings);
  const file = new URL(`${name}.out.yaml`, directory);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, stringify(plan, { aliasDuplicateObjects: false }));
  expect(parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(plan)));
});
