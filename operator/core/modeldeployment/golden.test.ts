// The plans of the ModelDeployment planner in testdata/.
import { modelDeploymentSpecSchema } from '@sluice/crds/v1alpha1/model-deployment.ts';
import { parseTime } from '../conditions.ts';
import { testGoldens } from '../testing/goldens.ts';
import type { ModelDeploymentObserved } from './observed.ts';
import { planModelDeployment } from './plan.ts';
import { claim, settings } from './testing/samples.ts';

testGoldens<ModelDeploymentObserved>(new URL('testdata/', import.meta.url), {
  complete: ({ modelDeployment, gatewayReadings, gatewaySilences, claims, ...observed }) => ({
    ...observed,
    claims: claims ?? [claim()],
    budgets: observed.budgets ?? [],
    modelDeployment: { ...modelDeployment, spec: modelDeploymentSpecSchema.parse(modelDeployment.spec) },
    gatewayReadings: gatewayReadings.map((each) => ({ ...each, at: parseTime(String(each.at)) })),
    gatewaySilences: gatewaySilences.map((each) => ({ ...each, since: parseTime(String(each.since)) })),
  }),
  plan: (observed, now) => planModelDeployment(observed, now, settings),
});
