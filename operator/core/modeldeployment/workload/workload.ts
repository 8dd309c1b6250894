// Finds the server Deployment of a revision, and says whether its pods are all there, by the Deployment controller's word.
import { labels } from '../../names.ts';
import type { ObservedWorkload } from '../observed.ts';

/** The server Deployment of a revision. */
export const workloadOf = (workloads: readonly ObservedWorkload[], revision: string): ObservedWorkload | undefined =>
  workloads.find(({ metadata }) => metadata.labels?.[labels.revision] === revision);

/** Whether as many pods as wanted are ready. A count that is older than the Deployment's spec says nothing. */
export function isWarm(workload: ObservedWorkload | undefined, replicas: number): boolean {
  const { spec, status, metadata } = workload ?? {};
  return (
    status !== undefined &&
    (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0) &&
    spec?.replicas === replicas &&
    (status.updatedReplicas ?? 0) >= replicas &&
    (status.readyReplicas ?? 0) >= replicas
  );
}
