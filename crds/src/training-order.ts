// What the operator tells a trainer's pod: the order in the file `orderFile`.
import { z } from 'zod';
import { integer, uid } from './fragments.ts';
import { trainingJobSpecSchema } from './v1alpha1/training-job.ts';

export const trainingOrderSchema = z.object({
  /** The whole spec, with every default filled in. */
  spec: trainingJobSpecSchema,
  /** The TrainingJob; its uid names the checkpoint directory. */
  owner: z.object({ namespace: z.string(), name: z.string(), uid }),
  /** From 1. */
  attempt: integer(1, Number.MAX_SAFE_INTEGER),
});
export type TrainingOrder = z.output<typeof trainingOrderSchema>;
