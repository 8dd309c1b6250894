// Scene: a TrainingJob becomes a ModelVersion.
import type { Metric } from '@sluice/crds/fragments.ts';
import type { TrainingJobStatus } from '@sluice/crds/v1alpha1/training-job.ts';
import { trainingLine } from '../screen/progress-line.ts';
import { interval } from '../screen/table.ts';
import { waitForModel } from '../steps/models.ts';
import { type Stage, showApply } from './stage.ts';

/** A version and what was measured of it. */
export interface Model {
  readonly version: string;
  readonly accuracy: Metric;
}

/** A manifest with a TrainingJob, and what else to say in the line that shows its progress. */
export interface Training {
  readonly file: string;
  readonly job: string;
  readonly prefix?: () => string;
}

/** Applies the job and follows it to its end; rejects with the object's own message when it fails. */
export async function train(stage: Stage, { file, job, prefix = () => '' }: Training): Promise<Model> {
  const { screen, place } = stage;
  await showApply(stage, file);
  const status = await waitForModel(place, job, (now) => screen.live(`${prefix()}${trainingLine(now)}`));
  const model = modelOf(status, job);
  const where =
    status.accelerator === 'GPU' ? 'GPU' : `CPU${stage.gpu ? ' (no GPU answered; gpu.fallback: Allow)' : ''}`;
  screen.say(`  ${model.version} was trained on the ${where}.`, `  Accuracy ${interval(model.accuracy)}`);
  return model;
}

function modelOf({ modelVersion, metrics }: Partial<TrainingJobStatus>, job: string): Model {
  const accuracy = metrics?.find(({ name, split }) => name === 'accuracy' && split === 'test');
  if (modelVersion === undefined || !accuracy) {
    throw new Error(`TrainingJob ${job} is Ready and lacks status.modelVersion or its accuracy: please report this.`);
  }
  return { version: modelVersion, accuracy };
}
