// Decides how many pods each revision shall have: as many as server.replicas says. Where something else scales a revision's
// Deployment, that one is left as it wants, because two who set one field never come to an end.
import { fieldManager } from '../../names.ts';
import type { ModelDeploymentObserved, ObservedWorkload } from '../observed.ts';
import { workloadOf } from './workload.ts';

/** The largest `server.replicas`. */
const most = 100;

/** A person at a terminal sets it once, and does not set it again when it is put right. */
const isPerson = (manager: string) => manager.startsWith('kubectl');

/** Who goes on setting the replicas of the Deployment, and has set others than we wanted last. */
function managerOf({ metadata }: ObservedWorkload): string | undefined {
  const { managedFields = [] } = metadata;
  if (managedFields.some(({ manager }) => manager === fieldManager)) return undefined;
  return managedFields.find(({ manager, subresource }) => subresource === 'scale' && !isPerson(manager))?.manager;
}

/** A Deployment that something else scales. */
export type ScaledElsewhere = { readonly deployment: string; readonly manager: string; readonly replicas: number };

/**
 * Who scales the Deployment of a revision in our place; undefined when nobody does. Another `server.replicas` than before
 * is a person's or an autoscaler's word, and is set over it: so one that is gone is not respected for ever.
 */
export function scaledElsewhere(observed: ModelDeploymentObserved, revision: string): ScaledElsewhere | undefined {
  const { spec, status } = observed.modelDeployment;
  const workload = workloadOf(observed.workloads, revision);
  const manager = workload && managerOf(workload);
  const { replicas } = workload?.spec ?? {};
  if (!workload || manager === undefined || replicas === undefined) return undefined;
  if (status?.scale?.wantedReplicas !== spec.server.replicas) return undefined;
  return { deployment: workload.metadata.name, manager, replicas };
}

/**
 * Pods that a revision shall have. One that shall replace the live one is given as many as that one has been given by
 * whoever scales it: a rollout takes no capacity away.
 */
export function wantedReplicas(observed: ModelDeploymentObserved, revision: string): number {
  const { spec, status } = observed.modelDeployment;
  const own = scaledElsewhere(observed, revision);
  if (own) return own.replicas;
  const live = status?.stable && scaledElsewhere(observed, status.stable.revision);
  return Math.min(most, Math.max(spec.server.replicas, live?.replicas ?? 0));
}
