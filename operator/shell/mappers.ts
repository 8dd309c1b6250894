// Which of our objects a change concerns, where the owner reference does not say it.

import { type KubeObject, keyOf, nameKey } from '../kube/objects.ts';
import type { Store } from '../kube/store.ts';
import type { Mapper } from '../kube/watches.ts';

/** The object that a label names, in the same namespace: pods are owned by their Job or ReplicaSet, not by us. */
export const toLabelled =
  (label: string): Mapper =>
  ({ metadata }) => {
    const name = metadata.labels?.[label];
    return name === undefined ? [] : [nameKey({ namespace: metadata.namespace, name })];
  };

/** Every object of `store` in the same namespace that `concerns` picks: for things that are referred to by name. */
export const toReferrers =
  (store: Store<KubeObject>, concerns: (referrer: KubeObject, changed: KubeObject) => boolean): Mapper =>
  (changed) =>
    store
      .inNamespace(changed.metadata.namespace ?? '')
      .filter((referrer) => concerns(referrer, changed))
      .map(keyOf);

/** The namespace itself: for what is reconciled once per namespace. */
export const toNamespace: Mapper = ({ metadata }) => (metadata.namespace === undefined ? [] : [metadata.namespace]);
