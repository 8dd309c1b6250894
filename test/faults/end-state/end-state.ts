// What a run has led to: the objects that are there, and how many of each kind came and went on the way.
import type { KubeClient } from '@sluice/operator/kube/client.ts';
import type { AuditTally, Comings } from './audit.ts';
import { kindsOfEndState } from './kinds.ts';
import { type NormalObject, normalise } from './normalise.ts';

/** Comparable across runs. */
export interface EndState {
  readonly objects: readonly NormalObject[];
  readonly comings: Comings;
  /** Requests to ModelDeployments that are still there which a gateway sent to no pod, in whole ones. */
  readonly lostRequests: number;
}

/** Reads the end state of a namespace. */
export async function readEndState(
  client: KubeClient,
  place: {
    readonly namespace: string;
    readonly audit: AuditTally;
    /** By ModelDeployment. */
    readonly lostRequests: ReadonlyMap<string, number>;
  },
): Promise<EndState> {
  const { namespace, audit } = place;
  const lists = await Promise.all(kindsOfEndState.map((kind) => client.list(kind, { namespace })));
  const objects = lists.flatMap(({ items }) => items).filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt');
  return {
    objects: normalise(objects, namespace),
    comings: await audit.of(namespace),
    lostRequests: objects
      .filter(({ kind }) => kind === 'ModelDeployment')
      .reduce((sum, { metadata }) => sum + Math.floor(place.lostRequests.get(metadata.name) ?? 0), 0),
  };
}
