// Where the steps of the demo and of the end-to-end tests take place.
import type { Cluster } from '../../test/cluster/cluster-type.ts';

/** A namespace of a cluster that has Sluice. */
export interface Place {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Image with Node 22 that pods of the cluster can have: the loader and the client run in it. */
  readonly nodeImage: string;
}

/** kubectl in the namespace of `place`; resolves to its standard output. */
export function kubectlIn(place: Place, args: readonly string[], input?: string): Promise<string> {
  return place.cluster.kubectl(['--namespace', place.namespace, ...args], input);
}

/** Applies objects that no file holds. */
export function applyObjects(place: Place, objects: readonly object[]): Promise<string> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  return kubectlIn(place, ['apply', '--server-side', '-f', '-'], JSON.stringify(list));
}
