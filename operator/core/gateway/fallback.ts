// What the gateway gives clients when a revision fails on a request: the wish of a ModelDeployment as its entry of the routing
// table keeps it.
import { budgetMilliseconds, type Fallback, keptBytes, largestStaticAnswer } from '@sluice/crds/v1alpha1/fallback.ts';
import { z } from 'zod';

export const routeFallbackSchema = z.object({
  /** A revision that has not answered by then has failed on the request. */
  afterMilliseconds: z.number().int().min(budgetMilliseconds.least).max(budgetMilliseconds.most).optional(),
  /** Who is asked what another revision failed on, and how large a body may be for that. */
  live: z
    .object({
      revision: z
        .string()
        .max(63)
        .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
      requestBytes: z.number().int().min(keptBytes.least).max(keptBytes.most),
    })
    .optional(),
  /** The body of the answer when nobody has answered. */
  staticAnswer: z.string().min(2).max(largestStaticAnswer).optional(),
});
export type RouteFallback = z.output<typeof routeFallbackSchema>;

type StaticAnswer = NonNullable<Fallback['staticAnswer']>;

/** An answer of the Open Inference Protocol. It says no version: no version made it. */
const answerText = (model: string, { outputs }: StaticAnswer): string =>
  JSON.stringify({
    model_name: model,
    outputs: outputs.map(({ name, datatype, shape, numbers, strings }) => ({
      name,
      datatype,
      shape,
      data: numbers ?? strings ?? [],
    })),
  });

/**
 * What becomes of the wish while `live` is the live revision; without one nobody is asked again.
 * @param served.model the name under which the model is served.
 */
export function routeFallback(
  { afterMilliseconds, liveVersion, staticAnswer }: Fallback,
  served: { readonly model: string; readonly live: string | undefined },
): RouteFallback {
  const { model, live } = served;
  return {
    ...(afterMilliseconds === undefined ? {} : { afterMilliseconds }),
    ...(liveVersion && live !== undefined ? { live: { revision: live, requestBytes: liveVersion.requestBytes } } : {}),
    ...(staticAnswer && { staticAnswer: answerText(model, staticAnswer) }),
  };
}
