// What must be there before a pod can use a location, and what to say while it is not.
import type { Location, LocationType } from '@sluice/crds/locations.ts';
import type { ObservedClaim, ObservedConfigMap } from '../pods/observed.ts';

/** What was found of the objects that a location lies in: nothing, when they do not exist. */
export type Found = { readonly claim?: ObservedClaim | undefined; readonly configMap?: ObservedConfigMap | undefined };

/** Why a location cannot be used. */
export type LocationObstacle = {
  /** It is not there; it cannot be written; it has no files. */
  readonly kind: 'Missing' | 'ReadOnly' | 'NoFiles';
  /** Names the object and what is wrong with it. */
  readonly message: string;
  /** What a person does, as the first half of a sentence. */
  readonly remedy: string;
};

type Access = 'Read' | 'Write';
type Check<Type extends LocationType> = (
  place: Location<Type>,
  found: Found,
  access: Access,
) => LocationObstacle | undefined;

const claim: Check<'Claim'> = ({ claimName }, { claim: found }, access) => {
  const name = `PersistentVolumeClaim ${claimName}`;
  const missing = (what: string, remedy: string): LocationObstacle => ({
    kind: 'Missing',
    message: `${name} ${what}`,
    remedy,
  });
  if (found === undefined) return missing('does not exist', 'Create it');
  if (found.metadata.deletionTimestamp !== undefined) return missing('is being deleted', 'Create it');
  if (found.status?.phase === 'Lost') return missing('has lost its volume', 'Create it');
  const { volumeMode, accessModes = [] } = found.spec ?? {};
  if (volumeMode === 'Block') {
    const remedy = 'Name a claim with volumeMode Filesystem';
    return { kind: 'NoFiles', message: `${name} is a raw device (volumeMode Block)`, remedy };
  }
  const isReadOnly = accessModes.length > 0 && accessModes.every((mode) => mode === 'ReadOnlyMany');
  if (access === 'Read' || !isReadOnly) return undefined;
  const remedy = 'Name a claim with access mode ReadWriteOnce or ReadWriteMany';
  return { kind: 'ReadOnly', message: `${name} can only be read`, remedy };
};

const configMap: Check<'ConfigMap'> = ({ name, path }, { configMap: found }) => {
  const missing = (message: string, remedy: string): LocationObstacle => ({ kind: 'Missing', message, remedy });
  if (found === undefined) return missing(`ConfigMap ${name} does not exist`, 'Create it');
  if (found.keys === undefined || found.keys.includes(path)) return undefined;
  return missing(`ConfigMap ${name} has no key ${path}`, 'Add it');
};

const checks: { readonly [Type in LocationType]: Check<Type> } = { Claim: claim, ConfigMap: configMap };

/** What stands against the use of a location, if anything does. */
export const obstacleAt = <Type extends LocationType>(
  location: Location<Type>,
  found: Found,
  access: Access,
): LocationObstacle | undefined => checks[location.type](location, found, access);
