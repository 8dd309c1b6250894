// Where the models of a namespace stand at its one address: by host and path, each place once.
import type { Expose, ExposedAs } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import { z } from 'zod';

const host = z
  .string()
  .max(253)
  .regex(/^[a-z0-9][-a-z0-9.]*$/);
const path = z
  .string()
  .max(256)
  .regex(/^\/[-A-Za-z0-9._~/]*$/);

/** The host of the namespace when there is none of its own; a path that is none of the protocol's is taken off. */
export const placeSchema = z.object({ host: host.optional(), path });
export type Place = z.output<typeof placeSchema>;

/** How the listener treats what comes in. */
export const frontSchema = z.object({
  /** Proxies before it whose X-Forwarded-For is believed. */
  trustedProxies: z.number().int().min(0).max(8),
});
export type Front = z.output<typeof frontSchema>;

/** What a ModelDeployment is found by. */
export type Placed = { readonly model: string; readonly exposedAs: ExposedAs | undefined };

/** Where it wants to stand; undefined when it wants to stay inside. */
export function wantedPlace({ model, exposedAs }: Placed, expose: Pick<Expose, 'host'>): Place | undefined {
  if (exposedAs?.visibility === 'ClusterLocal') return undefined;
  const own = exposedAs?.host === expose.host ? undefined : exposedAs?.host;
  return { ...(own === undefined ? {} : { host: own }), path: exposedAs?.path ?? `/v2/models/${model}` };
}

/** Two places are one when this is equal. */
export const placeKey = ({ host: own = '', path: prefix }: Place) => `${own}${prefix}`;

/** Whether the path is taken off before the model server sees the request. */
export const isTakenOff = ({ path: prefix }: Pick<Place, 'path'>) => prefix !== '/' && !prefix.startsWith('/v2/');
