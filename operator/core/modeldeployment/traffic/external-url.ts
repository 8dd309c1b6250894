// Where clients outside of the cluster find a ModelDeployment: what the gateway's table gave it, at the address that the
// ModelGateway has.
import type { ModelDeploymentReason } from '@sluice/crds/reasons.ts';
import type { Expose } from '@sluice/crds/v1alpha1/expose.ts';
import { isTakenOff, wantedPlace } from '../../gateway/places.ts';
import type { RoutingTable } from '../../gateway/routes.ts';
import type { ModelDeployment } from '../observed.ts';

/** `spec.expose` and `status.url` of the ModelGateway. */
export type Opening = { readonly expose: Expose; readonly url: string | undefined };

type Seen = {
  readonly modelDeployment: ModelDeployment;
  readonly table: RoutingTable | undefined;
  readonly opening?: Opening | undefined;
};

/** Its entry in the table says from where the front leads to it, or who has the place that it wants. */
const entryOf = ({ modelDeployment, table }: Seen) =>
  table?.routes.find(({ deployment }) => deployment === modelDeployment.metadata.name);

/** Undefined while it has no place, or the way in has no address. */
export function externalUrl(seen: Seen): string | undefined {
  const place = entryOf(seen)?.place;
  const { url } = seen.opening ?? {};
  if (place === undefined || url === undefined) return undefined;
  const base = place.host === undefined ? url : url.replace(/\/\/.*$/, `//${place.host}`);
  const prefix = isTakenOff(place) ? place.path : '';
  return `${base}${prefix}/v2/models/${seen.modelDeployment.spec.model.name}/infer`;
}

/** Why it is not found from outside although it wants to be. */
export function whyNotExposed(
  seen: Seen,
): { readonly reason: ModelDeploymentReason; readonly message: string } | undefined {
  const { spec } = seen.modelDeployment;
  const { opening } = seen;
  if (opening === undefined) {
    const wantsMore = spec.expose?.host !== undefined || spec.expose?.path !== undefined;
    const message = 'set spec.expose of the ModelGateway default: without it, expose of this object does nothing';
    return wantsMore ? { reason: 'NotOpened', message } : undefined;
  }
  const wanted = wantedPlace({ model: spec.model.name, exposedAs: spec.expose }, opening.expose);
  const { takenBy } = entryOf(seen) ?? {};
  if (wanted === undefined || takenBy === undefined) return undefined;
  const where = `${wanted.host ?? ''}${wanted.path}`;
  const message = `ModelDeployment ${takenBy} is found at ${where} already; set another expose.host or expose.path`;
  return { reason: 'PlaceTaken', message };
}
