// Which of our objects a change concerns, where the owner reference does not say it.

import type { Store } from '../kube/cache/store.ts';
import type { Mapper } from '../kube/controller/watches.ts';
import { type KubeObject, keyOf, nameKey } from '../kube/objects.ts';

/** The object that a label names, in the same namespace: pods are owned by their Job or ReplicaSet, not by us. */
export const toLabelled =
  (label: string): Mapper =>
  ({ metadata }) => {
    const name = metadata.labels?.[label];
    return name === undefined ? [] : [nameKey({ namespace: metadata.namespace, name })];
  };

/**
 * The objects of `store` in the same namespace that refer to the changed one, by their `index` of what they refer to: an
 * event costs as much as it concerns. @param nameOf the name that they refer to it by; undefined for none.
 */
export const toReferrers =
  (
    store: Store<KubeObject>,
    index: string,
    nameOf: (changed: KubeObject) => string | undefined = ({ metadata }) => metadata.name,
  ): Mapper =>
  (changed) => {
    const { namespace } = changed.metadata;
    const name = nameOf(changed);
    return name === undefined ? [] : store.indexed(index, nameKey({ namespace, name })).map(keyOf);
  };

/** Every object of `store` in the namespace of what is `shared` there; nothing else is looked through. */
export const toNeighbours =
  (store: Store<KubeObject>, isShared: (changed: KubeObject) => boolean): Mapper =>
  (changed) =>
    isShared(changed) ? store.inNamespace(changed.metadata.namespace ?? '').map(keyOf) : [];

/** The namespace itself: for what is reconciled once per namespace. */
export const toNamespace: Mapper = ({ metadata }) => (metadata.namespace === undefined ? [] : [metadata.namespace]);
