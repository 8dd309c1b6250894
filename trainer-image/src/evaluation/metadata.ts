// What a served model says about itself: the tensors it takes, and so what it is for.

import { DataError } from '@sluice/model/data-error.ts';
import { datatypes } from '@sluice/model/manifest.ts';
import { z } from 'zod';
import { parseJson } from './answers.ts';
import type { Side } from './endpoint.ts';
import { EndpointError } from './failure.ts';

/** A trained model has an input for each column when none are listed. */
const maxInputs = 65_536;

/** Foreign servers add members of their own, which are ignored. */
const metadataSchema = z.object({
  inputs: z
    .array(z.object({ name: z.string(), datatype: z.enum(datatypes), shape: z.array(z.number().int().min(-1)).min(1) }))
    .min(1)
    .max(maxInputs),
  outputs: z
    .array(z.object({ name: z.string() }))
    .min(1)
    .max(64),
});
export type ModelMetadata = z.output<typeof metadataSchema>;
/** One input tensor; the first dimension is the rows. */
export type InputSignature = ModelMetadata['inputs'][number];
export type Task = 'Classification' | 'Regression';

/** The output that is compared with the target. */
export const outputNames: Readonly<Record<Task, string>> = { Classification: 'label', Regression: 'value' };

/** Reads `GET /v2/models/{name}`. Throws EndpointError when it is not the protocol's document. */
export function parseMetadata(text: string, side: Side): ModelMetadata {
  const parsed = metadataSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') || 'its root';
  throw new EndpointError(
    `endpoints.${side}: its metadata is not that of the Open Inference Protocol v2 (at ${where}); check the URL.`,
  );
}

/** What the model is for. Throws DataError when it has not the output that the task needs. */
export function taskOf({ outputs }: ModelMetadata, side: Side, wanted: Task | undefined): Task {
  const tasks = wanted === undefined ? (['Classification', 'Regression'] as const) : [wanted];
  const found = tasks.find((task) => outputs.some(({ name }) => name === outputNames[task]));
  if (found !== undefined) return found;
  const names = tasks.map((task) => outputNames[task]).join(' or ');
  throw new DataError(`task: the model of endpoints.${side} has no output ${names} to compare with the target.`);
}
