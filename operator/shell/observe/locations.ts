// Looks up what is there of a location. Claims are watched; ConfigMaps of users are not, and are asked for.
import type { Location } from '@sluice/crds/locations.ts';
import type { Found } from '../../core/locations/obstacle.ts';
import { type Reference, referenceOf } from '../../core/locations/reference.ts';
import type { ObservedClaim, ObservedConfigMap } from '../../core/pods/observed.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isNotFound } from '../../kube/errors.ts';
import { type KubeObject, nameKey } from '../../kube/objects.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { Caches } from '../caches.ts';

type Name = { readonly namespace: string; readonly name: string };
type Sources = { readonly caches: Caches; readonly client: KubeClient; readonly signal: AbortSignal };

export function findClaim(caches: Caches, name: Name): Found {
  const claim: unknown = caches.persistentVolumeClaims.get(nameKey(name));
  return { claim: claim as ObservedClaim | undefined };
}

async function findConfigMap({ client, signal }: Sources, name: Name): Promise<Found> {
  try {
    const found = await client.get<KubeObject & { data?: object; binaryData?: object }>(RESOURCES.configMaps, name, {
      signal,
    });
    const keys = [...Object.keys(found.data ?? {}), ...Object.keys(found.binaryData ?? {})];
    const configMap: ObservedConfigMap = { metadata: found.metadata, keys };
    return { configMap };
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
}

const finders: { readonly [Kind in Reference['kind']]: (sources: Sources, name: Name) => Found | Promise<Found> } = {
  PersistentVolumeClaim: ({ caches }, name) => findClaim(caches, name),
  ConfigMap: findConfigMap,
};

/** What is there of a location of that namespace. */
export async function findAt(sources: Sources, namespace: string, location: Location): Promise<Found> {
  const { kind, name } = referenceOf(location);
  return finders[kind](sources, { namespace, name });
}
