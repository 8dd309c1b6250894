// What a pod needs to reach locations: volumes, and where its container mounts them.
import type { Location, LocationType } from '@sluice/crds/locations.ts';
import type { Mounted } from '../pods/mounted.ts';

/** One location in one container. */
export type Use = {
  /** Name of the volume. */
  readonly name: string;
  readonly location: Location;
  readonly mountPath: string;
  /** Directory of the volume that is mounted; the whole volume when absent. */
  readonly subPath?: string;
  /** Whether the container may write. */
  readonly access: 'Read' | 'Write';
  /** Nothing of the pod may write: the kubelet then does not hand the files to the group of the pod either. */
  readonly volumeIsReadOnly?: true;
};

type VolumeSource = { readonly [field: string]: unknown };

type Form<Type extends LocationType> = {
  /** What tells the volume from others of this type. */
  nameOf(place: Location<Type>): string;
  /** The source of the volume. */
  source(place: Location<Type>, isReadOnly: boolean): VolumeSource;
};

const forms: { readonly [Type in LocationType]: Form<Type> } = {
  Claim: {
    nameOf: ({ claimName }) => claimName,
    source: ({ claimName }, isReadOnly) => ({
      persistentVolumeClaim: { claimName, ...(isReadOnly ? { readOnly: true } : {}) },
    }),
  },
  ConfigMap: {
    nameOf: ({ name }) => name,
    source: ({ name }) => ({ configMap: { name } }),
  },
};

const sourceOf = <Type extends LocationType>(location: Location<Type>, isReadOnly: boolean): VolumeSource =>
  forms[location.type].source(location, isReadOnly);

const volumeOf = <Type extends LocationType>(location: Location<Type>): string =>
  `${location.type} ${forms[location.type].nameOf(location)}`;

/**
 * The mounts of a container that uses these locations, and their volumes. What lies in one volume is mounted from one: a
 * pod that names a claim twice may never start (kubernetes/kubernetes#82526).
 */
export const attach = (uses: readonly Use[]): Mounted[] =>
  uses.map((use) => {
    const first = uses.find(({ location }) => volumeOf(location) === volumeOf(use.location)) ?? use;
    const { name, location, volumeIsReadOnly = false } = first;
    const { mountPath, subPath, access } = use;
    return {
      volume: { name, ...sourceOf(location, volumeIsReadOnly) },
      mount: {
        name,
        mountPath,
        ...(subPath === undefined ? {} : { subPath }),
        ...(access === 'Read' ? { readOnly: true } : {}),
      },
    };
  });
