// Says whether a revision's pods are all there, by the Deployment controller's current word.
import type { ObservedWorkload } from './observed.ts';

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
