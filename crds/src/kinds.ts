// Every kind of the API: what is generated, installed and documented.
import type { z } from 'zod';
import type { Kind } from './kind.ts';
import { modelDeployment } from './v1alpha1/model-deployment.ts';
import { modelGateway } from './v1alpha1/model-gateway.ts';
import { modelVersion } from './v1alpha1/model-version.ts';
import { trainingJob } from './v1alpha1/training-job.ts';

/** A kind whatever its shapes are. */
export type AnyKind = Kind<z.ZodType, z.ZodType>;

export const kinds: readonly AnyKind[] = [trainingJob, modelVersion, modelDeployment, modelGateway];
