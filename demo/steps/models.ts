// Waits for models: trained, and live.
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { conditionOf } from '../screen/progress-line.ts';
import type { Place } from './place.ts';
import { waitFor } from './watch.ts';

const trainingSeconds = 600;
const servingSeconds = 300;

/** Resolves to the job's status when its ModelVersion is there; rejects with the object's message when it is Stalled. */
export async function waitForModel(
  place: Place,
  job: string,
  onChange?: (status: Partial<TrainingJobStatus>) => void,
): Promise<Partial<TrainingJobStatus>> {
  const { status = {} } = await waitFor<TrainingJobStatus>(place, {
    object: `trainingjob/${job}`,
    until: ({ status: now }) => conditionOf(now?.conditions, 'Ready')?.status === 'True',
    seconds: trainingSeconds,
    onChange,
  });
  return status;
}

/** What to see live, and where. */
export interface Serving {
  readonly deployment: string;
  readonly version: string;
  readonly onChange?: ((status: Partial<ModelDeploymentStatus>) => void) | undefined;
}

/** Resolves to the status when `version` gets all requests and nothing of an older one is left. */
export async function waitForServing(
  place: Place,
  { deployment, version, onChange }: Serving,
): Promise<Partial<ModelDeploymentStatus>> {
  const { status = {} } = await waitFor<ModelDeploymentStatus>(place, {
    object: `modeldeployment/${deployment}`,
    until: ({ status: now }) => now?.stable?.version === version && isSettled(now),
    seconds: servingSeconds,
    onChange,
  });
  return status;
}

function isSettled({ conditions, traffic }: Partial<ModelDeploymentStatus>): boolean {
  return (
    conditionOf(conditions, 'Ready')?.status === 'True' &&
    conditionOf(conditions, 'Reconciling')?.status !== 'True' &&
    traffic?.length === 1
  );
}

/** The URL that clients inside the cluster use. */
export function endpointOf({ endpoints }: Partial<ModelDeploymentStatus>): string {
  const url = endpoints?.[0]?.url;
  if (url === undefined) throw new Error('The ModelDeployment is Ready and has no endpoint: please report this.');
  return url;
}
