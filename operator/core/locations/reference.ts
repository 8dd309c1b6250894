// The object of Kubernetes that a location lies in: what is looked up, and whose changes concern who names it.
import type { Location, LocationType } from '@sluice/crds/locations.ts';

export type Reference = { readonly kind: 'PersistentVolumeClaim' | 'ConfigMap'; readonly name: string };

const references: { readonly [Type in LocationType]: (place: Location<Type>) => Reference } = {
  Claim: ({ claimName }) => ({ kind: 'PersistentVolumeClaim', name: claimName }),
  ConfigMap: ({ name }) => ({ kind: 'ConfigMap', name }),
};

export const referenceOf = <Type extends LocationType>(location: Location<Type>): Reference =>
  references[location.type](location);
