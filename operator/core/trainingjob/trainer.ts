// The trainer as a one-shot program: how its result is read, and what is said of its ends and of its waits.
import { type TrainingResult, trainingResultSchema } from '@sluice/crds/contract.ts';
import type { TrainingJobSpec } from '@sluice/crds/v1alpha1/training-job.ts';
import type { Program } from '../pods/one-shot/program.ts';
import type { Wish } from '../pods/one-shot/waiting.ts';
import { parseDocument } from '../pods/termination-message.ts';

export type Success = NonNullable<TrainingResult['success']>;

export const trainer: Program<Success> = {
  container: 'trainer',
  called: 'the trainer',
  result({ exitCode, message }) {
    const success = exitCode === 0 ? parseDocument(message, trainingResultSchema)?.success : undefined;
    return success !== undefined && isNamedByDigest(success) ? success : undefined;
  },
  told: ({ message }) => parseDocument(message, trainingResultSchema)?.failure,
  outOfMemory: 'the kernel killed the trainer: it used more than resources.memory',
  unknownCode: 'UserCode',
  resumes: true,
  quoted: 700,
};

/** A bundle is found by its digest alone, so its directory has to be named by it. */
const isNamedByDigest = ({ bundle }: Success) => bundle.directory === bundle.digest.replace(':', '-');

/** What the trainer's pod asks for. */
export const trainerWish = ({ resources }: TrainingJobSpec, jobName: string): Wish => ({
  jobName,
  container: trainer.container,
  image: 'the trainer image',
  memory: { amount: resources.memory, field: 'resources.memory' },
  cpu: { amount: resources.cpu, field: 'resources.cpu' },
  gpu: resources.gpu,
  scheduling: 'scheduling',
});
