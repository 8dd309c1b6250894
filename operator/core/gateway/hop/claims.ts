// Decides by the claims of a signed token whose it is: a pod is told of the namespace that its token names, and of no other.
import { z } from 'zod';
import type { Instant } from '../../plan.ts';

/** Whom the token of a gateway pod is for; the apiserver takes none that is for somebody else. */
export const hopAudience = 'sluice';

/** Clocks of nodes may differ by so much, as for the apiserver itself. */
const leewaySeconds = 60;

/** Why a token lets nobody in, as the metric and the log name it. */
export type TokenRefusal =
  | 'NoToken'
  | 'NotOfThisCluster'
  | 'OtherAudience'
  | 'Expired'
  | 'NotYetValid'
  | 'OfNoPod'
  | 'NoGatewayPod'
  | 'OtherNamespace';

/** Whose token it is. */
export type TokenHolder = {
  readonly namespace: string;
  readonly pod: { readonly name: string; readonly uid: string };
  /** From then on it counts for nothing. */
  readonly until: Instant;
};

/** Claims of a token that the apiserver makes for a pod. */
const claimsSchema = z.object({
  aud: z.union([z.string(), z.array(z.string())]).transform((audience) => [audience].flat()),
  exp: z.number(),
  nbf: z.number().optional(),
  'kubernetes.io': z.object({ namespace: z.string(), pod: z.object({ name: z.string(), uid: z.string() }) }),
});

/** @param claims of a token that this cluster signed. */
export function judgeClaims(claims: unknown, now: Instant): TokenHolder | TokenRefusal {
  const { data } = claimsSchema.safeParse(claims);
  if (data === undefined) return 'OfNoPod';
  const { aud, exp, nbf = 0, 'kubernetes.io': of } = data;
  const seconds = now / 1000;
  if (!aud.includes(hopAudience)) return 'OtherAudience';
  if (seconds >= exp + leewaySeconds) return 'Expired';
  if (seconds < nbf - leewaySeconds) return 'NotYetValid';
  return { namespace: of.namespace, pod: of.pod, until: (exp + leewaySeconds) * 1000 };
}
