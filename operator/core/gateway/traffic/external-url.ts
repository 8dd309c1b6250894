// Where clients outside of the cluster find a ModelDeployment: what the gateway's table gave it, at the address that the
// ModelGateway has.
import type { Expose } from '@sluice/crds/v1alpha1/gateway/expose.ts';
import type { Obstacle } from '../../obstacle.ts';
import { isTakenOff, type Placed, wantedPlace } from '../places.ts';
import type { RoutingTable } from '../routes.ts';

/** `spec.expose` and `status.url` of the ModelGateway. */
export type Opening = { readonly expose: Expose; readonly url: string | undefined };

/** Whose requests are meant, and by what clients find it. */
export type Client = { readonly deployment: string } & Placed;

export type Seen = Client & {
  readonly table: RoutingTable | undefined;
  readonly opening?: Opening | undefined;
};

/** Its entry in the table says from where the front leads to it, or who has the place that it wants. */
const entryOf = ({ deployment, table }: Seen) => table?.routes.find((route) => route.deployment === deployment);

/** Undefined while it has no place, or the way in has no address. */
export function externalUrl(seen: Seen): string | undefined {
  const place = entryOf(seen)?.place;
  const { url } = seen.opening ?? {};
  if (place === undefined || url === undefined) return undefined;
  const base = place.host === undefined ? url : url.replace(/\/\/.*$/, `//${place.host}`);
  const prefix = isTakenOff(place) ? place.path : '';
  return `${base}${prefix}/v2/models/${seen.model}/infer`;
}

/** Why it is not found from outside although it wants to be. */
export function whyNotExposed(seen: Seen): Obstacle | undefined {
  const { opening, exposedAs } = seen;
  if (opening === undefined) {
    const wantsMore = exposedAs?.host !== undefined || exposedAs?.path !== undefined;
    const message = 'set spec.expose of the ModelGateway default: without it, expose of this object does nothing';
    return wantsMore ? { reason: 'NotOpened', message } : undefined;
  }
  const wanted = wantedPlace(seen, opening.expose);
  const { takenBy } = entryOf(seen) ?? {};
  if (wanted === undefined || takenBy === undefined) return undefined;
  const where = `${wanted.host ?? ''}${wanted.path}`;
  const message = `ModelDeployment ${takenBy} is found at ${where} already; set another expose.host or expose.path`;
  return { reason: 'PlaceTaken', message };
}
