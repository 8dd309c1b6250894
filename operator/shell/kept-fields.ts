// What of a watched object is kept in memory: what somebody else may fill without an end, and nobody here reads, is not.
import { mountNames } from '../core/gateway/access/rules.ts';
import { labels } from '../core/names.ts';
import { trimObject } from '../kube/cache/reflector.ts';
import { isRecord, type KubeObject, type Stored } from '../kube/objects.ts';
import type { CacheName } from './caches.ts';

type Trim = (object: Stored) => Stored;

/** No annotation of ours is as long. */
const longestAnnotation = 4096;

const withoutLongAnnotations: Trim = (object) => {
  const { annotations = {} } = trimObject(object).metadata;
  for (const [name, value] of Object.entries(annotations)) {
    if (value.length > longestAnnotation) delete annotations[name];
  }
  return object;
};

type Pod = KubeObject & { spec?: Record<string, unknown> };
const containerLists = ['containers', 'initContainers', 'ephemeralContainers'];

const containerName = (container: unknown) =>
  isRecord(container) ? { name: container['name'], restartPolicy: container['restartPolicy'] } : {};

const secretsOfRules = new Set<unknown>(mountNames);

/** Those by which a gateway pod keeps the rules on access: whether it has them decides who gets through it. */
const volumesKept = (volumes: unknown) =>
  Array.isArray(volumes)
    ? volumes.flatMap((volume: unknown) =>
        isRecord(volume) && isRecord(volume['secret']) && secretsOfRules.has(volume['name'])
          ? [{ name: volume['name'], secret: {} }]
          : [],
      )
    : [];

/** Of its spec, what a scheduler adds, and some names: the rest is what its maker was told by us. */
const pod: Trim = (object) => {
  const { spec = {} } = object as Stored<Pod>;
  const volumes = volumesKept(spec['volumes']);
  if (volumes.length > 0) spec['volumes'] = volumes;
  else delete spec['volumes'];
  for (const list of containerLists) {
    const containers = spec[list];
    if (Array.isArray(containers)) spec[list] = containers.map(containerName);
  }
  return withoutLongAnnotations(object);
};

/** Who made it, and what it is part of. */
const replicaSet: Trim = (object) => {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, ownerReferences } = object.metadata;
  const kept = [labels.component, labels.modelDeployment].flatMap((label) => {
    const value = object.metadata.labels?.[label];
    return value === undefined ? [] : [[label, value] as const];
  });
  const identity = { name, namespace, uid, resourceVersion, generation, creationTimestamp };
  return { ...object, metadata: { ...identity, ownerReferences, labels: Object.fromEntries(kept) } };
};

/** How objects of a kind are trimmed before they are kept. */
export const trimOf = (name: CacheName): Trim =>
  name === 'pods' ? pod : name === 'replicaSets' ? replicaSet : withoutLongAnnotations;
